import { deviationOf } from '../support/contract-check.ts'

const headers = { 'content-type': 'application/json', 'x-request-id': '1', 'cache-control': 'no-store' }
const health = (body: unknown, status = 200, others: object = headers) =>
  deviationOf('GET', '/health', {
    status,
    headers: { ...others },
    body: Buffer.from(JSON.stringify(body)),
  })

describe('an answer that every test of the suite is held to', () => {
  it('passes as it is described', () => {
    expect(health({ status: 'ok' })).toBeUndefined()
  })

  it('fails with a body of another form, or with a member more', () => {
    expect(health({ status: 'good' })).toContain('/status')
    expect(health({ status: 'ok', more: 1 })).toContain('additional')
  })

  it('fails with a status that is not described', () => {
    expect(health({ status: 'ok' }, 201)).toContain('a status')
  })

  it('fails without a header that is described', () => {
    const { 'cache-control': _left, ...others } = headers
    expect(health({ status: 'ok' }, 200, others)).toBe('without Cache-Control')
  })

  it('fails with another media type', () => {
    expect(health({ status: 'ok' }, 200, { ...headers, 'content-type': 'text/html' })).toContain('text/html')
  })

  it('fails at a path that is not described', () => {
    expect(deviationOf('GET', '/nowhere', { status: 200, headers: {}, body: Buffer.of() })).toContain('route')
  })

  it('passes with a problem of the catalogue where nothing is served, and with nothing else', () => {
    const body = {
      type: 'urn:sentinel-pass:problem:not_found',
      title: 'There is nothing here',
      status: 404,
      code: 'not_found',
      detail: 'This server serves nothing at this path.',
      instance: '1',
    }
    const nowhere = (sent: object) =>
      deviationOf('GET', '/nowhere', {
        status: 404,
        headers: { 'content-type': 'application/problem+json; charset=utf-8' },
        body: Buffer.from(JSON.stringify(sent)),
      })
    expect(nowhere(body)).toBeUndefined()
    expect(nowhere({ ...body, code: 'gone' })).toContain('/code')
  })
})
