import { createMemoryLogger } from '../support/log.ts'
import { startServer } from '../support/server.ts'
import { Browser, beginSignIn, createUser, discoverConsole, PASSWORD, signIn } from '../support/sign-in.ts'

it('writes no password, code, token or secret of people to the log, nor an email that was mistyped', async () => {
  const { logger, lines } = createMemoryLogger()
  const server = await startServer({ logger })
  try {
    const attributes = (values: object) => ({ data: { attributes: values } })
    const project = await server.createProject()
    const user = await createUser(server, { [project.organizationId]: 'OWNER' })
    const { client, headers, idToken = '', token } = await signIn(server, user.email)
    const browser = new Browser()
    const { url } = await beginSignIn(server, await discoverConsole(server))
    const page = await browser.follow(url)
    await browser.submit(page.url, { email: 'mistyped-password', password: 'wrong-password', code: '123123' })
    const { url: callback } = await browser.submit(page.url, { email: user.email, password: PASSWORD })
    const code = callback.searchParams.get('code') ?? ''
    const invited = await server.http
      .post(`/v1/api/organizations/${project.organizationId}/invitations`)
      .set(headers)
      .send(attributes({ email: 'guest@example.test', role: 'VIEWER' }))
    const { secret } = invited.body.meta.invitation
    await server.http
      .post('/v1/api/invitations/accept')
      .send(attributes({ secret, name: 'Guest', password: 'password-of-the-guest' }))
    const totp = (
      await server.http
        .post('/v1/api/me/totp')
        .set(headers)
        .send(attributes({ password: PASSWORD }))
    ).body.meta.totp.secret
    // A fault in the middle of it, with all that there was to write at hand.
    await server.deps.database.query('alter table oidc_artifacts rename to oidc_artifacts_away')
    expect((await server.http.get('/v1/api/me').set(headers)).status).toBe(500)
    const failed = await beginSignIn(server, client)
    expect((await new Browser().follow(failed.url)).answer.status).toBe(500)

    const form = {
      grant_type: 'authorization_code',
      client_id: 'sentinel-pass-console',
      code,
      redirect_uri: 'x',
    }
    const exchanged = await server.http.post('/v1/api/oauth/token').type('form').send(form)
    expect([exchanged.status, exchanged.body.error]).toEqual([500, 'server_error'])

    const log = lines.join('')
    expect(log).toContain('sign-in refused')
    expect(log).toContain('sign-in failed')
    const secrets = [PASSWORD, 'mistyped-password', 'wrong-password', '123123', 'password-of-the-guest']
    for (const each of [...secrets, token, idToken, code, secret, totp]) {
      expect(each).not.toBe('')
      expect(log).not.toContain(each)
    }
    expect(log).not.toMatch(/\$argon2/)
  } finally {
    await server.close()
  }
})
