"""The running platform: site, portal, git, SFTP and the workers behind them, in one process."""
