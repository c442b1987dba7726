import { importJWK, jwtVerify, SignJWT } from 'jose'
import { SIGNING_ALGORITHMS } from '../../src/platform/config.ts'
import { Signer } from '../../src/signing-keys/signer.ts'
import { generateSigningKey, publicJwk } from '../../src/signing-keys/signing-keys.ts'

const claims = {
  client_id: 'pass',
  scope: 'read:things',
  name: 'Zoë "Ω"',
  cnf: { 'x5t#S256': 'thumb' },
  iss: 'https://issuer.test',
  sub: 'pass',
  aud: 'https://api.test/',
  jti: 'an-id',
  iat: 1,
}

describe.each(SIGNING_ALGORITHMS)('a token signed with %s', alg => {
  it('has the header and claims that another library writes, byte for byte, and verifies with it', async () => {
    const jwk = await generateSigningKey(alg)
    const token = await new Signer(jwk, alg).sign(claims)
    const expected = await new SignJWT(claims)
      .setProtectedHeader({ alg, kid: jwk.kid, typ: 'at+jwt' })
      .sign(await importJWK(jwk, alg))
    expect(signed(token)).toBe(signed(expected))
    const verified = await jwtVerify(token, await importJWK(publicJwk(jwk), alg), { typ: 'at+jwt' })
    expect(verified.payload).toEqual(claims)
  })

  it('is its own, when many are signed at once', async () => {
    const jwk = await generateSigningKey(alg)
    const signer = new Signer(jwk, alg)
    const ids = Array.from({ length: 32 }, (_, index) => `token-${index}`)
    const tokens = await Promise.all(ids.map(jti => signer.sign({ ...claims, jti })))
    const key = await importJWK(publicJwk(jwk), alg)
    const verified = await Promise.all(tokens.map(token => jwtVerify(token, key)))
    expect(verified.map(({ payload }) => payload.jti)).toEqual(ids)
  })
})

/** Header and claims of a token in the compact form, which is what the signature is of. */
function signed(token: string): string {
  return token.slice(0, token.lastIndexOf('.'))
}
