import { rateLimitHeaders } from '../../src/http/rate-limit-headers.ts'
import { networkOf, whyLimited } from '../../src/http/rate-limiting.ts'

const limit = { limit: 60, windowSeconds: 60 }

describe('rateLimitHeaders', () => {
  it.each([
    [60_000, 60],
    [59_001, 60],
    [59_000, 59],
    [1, 1],
    [0, 1],
  ])(
    'says of a window that ends in %i ms that it ends in %i s: who waits that long is let in',
    (resetMs, seconds) => {
      expect(rateLimitHeaders({ policy: 'grants', limit, allowed: false, remaining: 0, resetMs })).toEqual({
        'RateLimit-Policy': '"grants";q=60;w=60',
        RateLimit: `"grants";r=0;t=${seconds}`,
        'Retry-After': String(seconds),
      })
    },
  )

  it('has no Retry-After while there is something left', () => {
    const headers = rateLimitHeaders({
      policy: 'calls',
      limit,
      allowed: true,
      remaining: 59,
      resetMs: 60_000,
    })
    expect(headers).toEqual({ 'RateLimit-Policy': '"calls";q=60;w=60', RateLimit: '"calls";r=59;t=60' })
  })
})

describe('networkOf', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
    ['2001:db8:1:2::9', '2001:db8:1:2::'],
    ['2001:db8:1:3::9', '2001:db8:1:3::'],
    ['', ''],
  ])('counts %j as %j', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

it('says which limit it was, and when to come back', () => {
  const decision = { policy: 'grants', limit, allowed: false, remaining: 0, resetMs: 12_300 }
  expect(whyLimited(decision)).toBe('This Sentinel Pass may ask for 60 tokens in 60 s. Try again in 13 s.')
})
