-- Returns when these data began, and the current time, both in ms. KEYS: the epoch.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[1], now, 'NX')
return { tonumber(redis.call('GET', KEYS[1])), now }
