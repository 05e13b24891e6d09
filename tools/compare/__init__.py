"""`make compare`: a route's service against what answers its requests now."""
