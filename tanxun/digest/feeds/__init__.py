"""RSS and Atom of ministries and departments, read into the review queue.

parsing    bytes → entries with heading, text, day and link      no entities, no network, pure
models     FeedSource: where to read; FeedEntry: what was read already
intake     new entries → a newsletter with one item each; an address is fetched only where FEED_FETCH is on
tasks      “read now” as a job, and once a day by every worker
views      the page `/review/feeds/`
"""
