-- Grants a permit on an endpoint if one is free, and counts the request.
-- KEYS: the endpoint's permits, the usage, the epoch. ARGV: the lease, its TTL in ms, the maximum number of permits.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[3], now, 'NX')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local granted = redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[3])
if granted then
  redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  redis.call('HINCRBY', KEYS[2], 'own', 1)
  redis.call('EXPIRE', KEYS[2], 3600)
end
local usage = redis.call('HMGET', KEYS[2], 'own', 'used', 'limit')
return { granted and 1 or 0, usage[1] or '0', usage[2] or '', usage[3] or '' }
