"""What a push is as a submission: judged while git waits, limited, receipted."""
