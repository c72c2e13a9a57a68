"""Events told to other programs and group chats, by the outbox.

events     what happened since a hook's marks, one message each or one for many      called every minute by the duties
telling    what a message says when it goes out, from the records as they are then
formats    how a receiver wants to hear it: signed JSON, 企业微信, 钉钉
delivery   hands one message over; pauses a hook that fails again and again          called by `sending`
views      the pages of managers
"""
