import { isAtOrBelow, overlaps, parseResourceUri } from '../../src/resource-servers/resource-uri.ts'

const uriOf = (text: string) => parseResourceUri(text)?.uri

describe('a resource', () => {
  it.each([
    ['https://ledger.example.com/'],
    ['https://ledger.example.com//'],
    ['HTTPS://Ledger.Example.COM'],
    ['https://ledger.example.com:443'],
    ['https://ledger.example.com.'],
    ['https://ledger.example.com.:443/'],
    ['https://ledger.example.com/a/..'],
    ['https://ledger.example.com/./'],
    ['https://ledger.example.com/%2e%2e/'],
    ['https://ｌedger.example.com'],
    ['https://%6cedger.example.com'],
  ])('is the same in another spelling: %s', text => {
    expect(uriOf(text)).toBe('https://ledger.example.com')
  })

  it.each([
    ['https://bücher.example/x', 'https://xn--bcher-kva.example/x'],
    ['https://a.example/%7euser/b', 'https://a.example/~user/b/'],
    ['https://a.example/a%2fb', 'https://a.example/a%2Fb'],
    ['https://a.example//a///b', 'https://a.example/a/b'],
    ['http://0x7f.1/', 'http://127.0.0.1'],
    ['urn:Example:Billing', 'URN:example:Billing'],
    ['api://Orders/v1/', 'api://orders/v1'],
  ])('is one however it is written: %s, %s', (one, other) => {
    expect(uriOf(one)).toBeDefined()
    expect(uriOf(one)).toBe(uriOf(other))
  })

  it.each([
    ['https://ledger.example.com', 'https://ledger.example.com/v1'],
    ['https://ledger.example.com', 'http://ledger.example.com'],
    ['https://ledger.example.com', 'https://ledger.example.com:8443'],
    ['https://a.example/A', 'https://a.example/a'],
    ['https://a.example/a%2Fb', 'https://a.example/a/b'],
    ['https://a.example/a', 'https://a.example/a?b'],
    ['urn:example:a', 'urn:example:A'],
  ])('is another one: %s, %s', (one, other) => {
    expect(uriOf(one)).not.toBe(uriOf(other))
  })

  it.each([
    ['/relative'],
    ['ledger.example.com'],
    ['https://'],
    ['https://u:p@ledger.example.com'],
    ['https://@ledger.example.com'],
    ['https://ledger.example.com#part'],
    ['https://ledger.example.com#'],
    ['https:\\\\ledger.example.com'],
    ['https://ledger.example.com/\\evil'],
    ['https://led\tger.example.com'],
    [' https://ledger.example.com'],
    ['https://ledger.example.com/%zz'],
    ['https://a b/'],
  ])('is none: %j', text => {
    expect(parseResourceUri(text)).toBeUndefined()
  })

  it('lies at, below or above another by whole segments of one origin', () => {
    const of = (text: string) => parseResourceUri(text) ?? { uri: '', origin: '', path: [] }
    const api = of('https://a.example/api')
    expect(isAtOrBelow(of('https://a.example/api/v1?x'), api)).toBe(true)
    expect(isAtOrBelow(of('https://a.example/apis'), api)).toBe(false)
    expect(overlaps(of('https://a.example'), api)).toBe(true)
    expect(overlaps(of('https://a.example/other'), api)).toBe(false)
    expect(overlaps(of('https://b.example/api'), api)).toBe(false)
    expect(overlaps(of('urn:example:a'), of('urn:example:a:b'))).toBe(false)
  })
})
