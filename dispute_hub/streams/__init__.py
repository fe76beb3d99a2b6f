"""Live pages: what was committed is told to open pages within two seconds, as "look again" without data.

Triggers say NOTIFY with the row that causes it (`migrations/0001_say`), one listener a process hears it
(`listening`), each open stream gets what is for its post (`fanout`), and the page asks for its content anew,
through the same doors as ever. `endpoint` speaks to browsers; `rights` decides who may go on listening.
"""
