"""Date and time formats by language. Numbers are as Django has them, money is Babel's.

Beside Django's own names: CLOCK a time of day within a sentence, WEEKDAY a day this week, DAY_AND_CLOCK both
(SHORT_DAY_AND_CLOCK where room is scarce), STAMP to the second, LETTER as in a letter; SHORT_MONTH_DAY and SHORT_WEEKDAY a day in a chart and its table.
"""
