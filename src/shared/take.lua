-- Takes a place on an endpoint if there is one, and counts the request.
-- KEYS: the endpoint's places, the tally. ARGV: the lease, its life in ms, the most at once.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local granted = redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[3])
if granted then
  redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  redis.call('HINCRBY', KEYS[2], 'own', 1)
  redis.call('EXPIRE', KEYS[2], 3600)
end
local tally = redis.call('HMGET', KEYS[2], 'own', 'used', 'limit')
return { granted and 1 or 0, tally[1] or '0', tally[2] or '', tally[3] or '' }
