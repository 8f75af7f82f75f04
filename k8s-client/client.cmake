# auth/, net/ and api/
