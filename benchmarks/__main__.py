"""`python -m benchmarks`: everything, with its table."""

from benchmarks.bench import main

main()
