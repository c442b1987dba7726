import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { errorText, hasSecret, masked, maskedDeep } from '../../src/platform/masking.ts'

const SECRET = 'sps_3vQB7B6MrGQZaxCuFg4oh3vQB7B6MrGQZaxCuFg4oh3vQB7'

describe('masked', () => {
  it.each([
    [SECRET, 'sps_***'],
    [SECRET.toUpperCase(), 'SPS_***'],
    [SECRET.slice(0, 20), 'sps_***'],
    [`/orders/${SECRET}/items`, '/orders/sps_***/items'],
    [`token%3D${SECRET}&x=1`, 'token%3Dsps_***&x=1'],
    [`spk_${SECRET} spi_${SECRET}`, 'spk_*** spi_***'],
    ['spt_AQAB-_x9dfjs83kdfjs83kd', 'spt_***'],
    ['eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'eyJ***'],
    ['eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.', 'eyJ***'],
    ['Authorization: Basic c3BfMTpzcHNfMTIzNDU2Nzg5MA==', 'Authorization: Basic ***'],
    ['bearer 2YotnFZFEjr1zCsicMWpAA', 'bearer ***'],
  ])('masks %s', (text, expected) => {
    expect(masked(text)).toBe(expected)
  })

  it.each([
    'sp_0123456789abcdefghijAB',
    'SP-2030-ORDERS',
    'sps_ is how a secret begins, spk_ a key',
    'Send it as Authorization: Bearer, or as Basic.',
    '01a1fc50-b7ad-71f9-b8ca-8d66a0df7662',
    'eyJ is no token',
  ])('leaves %s', text => {
    expect(masked(text)).toBe(text)
  })

  it('takes time in proportion to what it reads', () => {
    const started = performance.now()
    for (const part of ['sps_', 'eyJaaaaaaaa.', 'Basic ', 'a.', 'eyJ']) masked(part.repeat(100_000))
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  it('reaches into lists and objects, and leaves what is no text', () => {
    const at = new Date(0)
    expect(maskedDeep({ a: [SECRET, 1, null], b: { c: `x ${SECRET}` }, at })).toEqual({
      a: ['sps_***', 1, null],
      b: { c: 'x sps_***' },
      at,
    })
  })

  it('makes nothing anew where there is nothing to mask', () => {
    const clean = {
      scopes: ['read', 'write'],
      token_id: '01a1fc50-b7ad-71f9-b8ca-8d66a0df7662',
      of: { n: 1 },
    }
    expect(maskedDeep(clean)).toBe(clean)
    const { kept, told } = maskedDeep({ kept: clean, told: { by: SECRET } })
    expect(kept).toBe(clean)
    expect(told).toEqual({ by: 'sps_***' })
  })
})

it('has no error longer than somebody reads', () => {
  const text = errorText(`${SECRET} ${'x'.repeat(50_000)}`)
  expect(text.length).toBeLessThan(1_100)
  expect(text).toMatch(/^sps_\*\*\* x+ … \(\d+ more characters\)$/)
})

describe('hasSecret', () => {
  const jwt = `eyJhbGciOiJub25lIn0.${'a'.repeat(20)}.${'b'.repeat(20)}`

  it('finds whole secrets of each kind, wherever they stand', () => {
    for (const prefix of ['sps_', 'spk_', 'spi_', 'spr_']) {
      const secret = generateChecksummedSecret(prefix)
      for (const text of [secret, `/a/${secret}?b`, `x=${secret}&y`]) expect(hasSecret(text)).toBe(true)
    }
    for (const token of [`spt_${'A'.repeat(100)}`, jwt]) expect(hasSecret(`state=${token}`)).toBe(true)
  })

  it('takes what a client has drawn at random, however it begins', () => {
    for (const text of ['eyJ0123456789abcdefghijklmnop', `xsps_${'a'.repeat(30)}`, `SPK_${'a'.repeat(49)}`])
      expect(hasSecret(text)).toBe(false)
    const state = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
    for (let drawn = 0; drawn < 50_000; drawn += 1) expect(hasSecret(state())).toBe(false)
  })
})
