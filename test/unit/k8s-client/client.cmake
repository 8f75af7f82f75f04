# Tests of auth/, net/ and api/
