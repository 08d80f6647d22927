-- Claims a value once. Returns 1 for the first claim, 0 for a repeated one, and -1 if Redis lost its data after the
-- value was issued, so that an earlier claim may be lost too.
-- KEYS: the claim, the epoch (when these data began). ARGV: the claim's TTL in s, the age of the value in ms.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[2], now, 'NX')
if not redis.call('SET', KEYS[1], 1, 'NX', 'EX', ARGV[1]) then
  return 0
end
if now - redis.call('GET', KEYS[2]) < tonumber(ARGV[2]) then
  return -1
end
return 1
