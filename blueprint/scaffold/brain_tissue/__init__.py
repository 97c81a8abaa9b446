"""The brain-tissue starter: demonstration data, pages and example submissions."""
