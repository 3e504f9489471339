"""The RetailVision project: settings, addresses, the API's frame and what joins the apps."""
