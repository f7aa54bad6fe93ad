step|timestamp|image
7|2026-11-24 16:00:24.992982+00:00|{"path":"assets/image/boundary_7.png"}