"""``python -m bench``: what ``make bench`` runs on servers of its own."""

from bench.run import main

if __name__ == "__main__":
    main()
