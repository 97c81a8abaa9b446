"""From a server plan to the text of every file of the bundle (pure), and to a folder."""
