"""The trusted process between the platform and a submission; standard library only.

It is started as `python -I -S main.py`, so nothing that is installed, no `.pth` file and no
environment variable can change it. It builds the walls, starts the program behind them, watches
it, and copies out what it wrote.
"""
