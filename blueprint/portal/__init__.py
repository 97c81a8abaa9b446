"""The web application that people log in to: plain forms that work without JavaScript."""
