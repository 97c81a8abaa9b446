"""What a submission may be, how it sees its inputs, and where its predictions lie: by contract."""
