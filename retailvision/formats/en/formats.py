"""English: 15:04, as shops and tills write it. Beside 00:23, “8 a.m.” was a second clock."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "N j, Y, H:i"
SHORT_DATETIME_FORMAT = "m/d/Y H:i"
