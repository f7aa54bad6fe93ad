
{"timestamp": "2026-11-24 16:00:24.967512+00:00", "step": 7, "text": "the loss | went down"}