"""What is given out: releases, their signed manifests, and who took what."""
