import { Secret, TOTP } from 'otpauth'
import type { Browser, Page } from 'playwright-core'
import { expectReadable, openWindow, serveConsole, signedIn, signInOn } from '../support/browser.ts'
import type { TestServer } from '../support/server.ts'
import { createUser, PASSWORD, signIn } from '../support/sign-in.ts'

const NEW_PASSWORD = 'another battery for the staple'

let server: TestServer
let browser: Browser
serveConsole(started => {
  ;({ server, browser } = started)
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

it('sets up one-time codes, which the next sign-in asks for, and turns them off by the password', async () => {
  const project = await server.createProject()
  const { page, user } = await signedIn(browser, server, project, { role: 'VIEWER' })
  await page.goto('/console/account')
  await page.getByRole('link', { name: 'Project organization' }).waitFor()
  await expectReadable(page)
  await button(page, 'Set up one-time codes').click()
  await page.getByLabel(/^Your password/).fill('not the password')
  await button(page, 'Go on').click()
  await page.getByText('The password is wrong').waitFor()
  await page.getByLabel(/^Your password/).fill(PASSWORD)
  await button(page, 'Go on').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('img', { name: 'QR code of the secret' }).waitFor()
  await expectReadable(page)
  const secret = await dialog.getByText(/^[A-Z2-7]{32}$/).textContent()
  const totp = new TOTP({ secret: Secret.fromBase32(secret ?? '') })
  const code = () => totp.generate({ timestamp: server.clock.now() })
  await page.getByLabel(/^Code/).fill('000000')
  await button(page, 'Turn them on').click()
  await page.getByText('This is not the code of the new secret').waitFor()
  await page.getByLabel(/^Code/).fill(code())
  await button(page, 'Turn them on').click()
  await button(page, 'Turn one-time codes off').waitFor()

  // A code is good once: the next one is of the next half minute.
  server.clock.advance({ seconds: 30 })
  await expect(signIn(server, user.email)).rejects.toThrow()
  const other = await openWindow(browser, server)
  await other.goto('/console')
  await button(other, 'Sign in').click()
  await other.getByLabel('Email').fill(user.email)
  await other.getByLabel('Password').fill(PASSWORD)
  await other.getByLabel('One-time code').fill(code())
  await expectReadable(other)
  await button(other, 'Sign in').click()
  await button(other, 'Your account').waitFor()

  await button(page, 'Turn one-time codes off').click()
  await page.getByLabel(/^Your password/).fill(PASSWORD)
  await expectReadable(page)
  await button(page, 'Turn them off').click()
  await button(page, 'Set up one-time codes').waitFor()
  await signIn(server, user.email)
})

it('changes the password, which ends every session and leads to the sign-in', async () => {
  const project = await server.createProject()
  const { page, user } = await signedIn(browser, server, project)
  const elsewhere = await signIn(server, user.email)
  await page.goto('/console/account')
  await page.getByLabel(/^Current password/).fill('not the password of it')
  await page.getByLabel(/^New password/).fill(NEW_PASSWORD)
  await button(page, 'Change the password').click()
  await page.getByRole('alert').getByText('The password is wrong').waitFor()
  await page.getByLabel(/^Current password/).fill(PASSWORD)
  await button(page, 'Change the password').click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect((await fetch(`${server.url}/v1/api/me`, { headers: elsewhere.headers })).status).toBe(401)
  await page.getByLabel('Email').fill(user.email)
  await page.getByLabel('Password').fill(NEW_PASSWORD)
  await button(page, 'Sign in').click()
  await page.getByRole('heading', { level: 1, name: 'Your account' }).waitFor()

  await button(page, 'Sign out everywhere').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.getByText('Every agent gets a pass of its own').waitFor()
  await signInOn(page, user.email, NEW_PASSWORD)
  await button(page, 'Your account').waitFor()
})

it('renames and deletes the account, unless an organization would have no owner', async () => {
  const project = await server.createProject('Alone')
  const { page, user } = await signedIn(browser, server, project)
  await page.goto('/console/account')
  await page.getByLabel(/^Your name/).fill('Grace')
  await button(page, 'Change').click()
  await page.getByText('Your name is changed.').waitFor()
  const deletion = async () => {
    await button(page, 'Delete your account').click()
    await page.getByLabel(/^Your password/).fill(PASSWORD)
    await button(page, 'Delete the account').click()
  }
  await deletion()
  await page.getByText('You are the only owner of Alone organization.').waitFor()
  await expectReadable(page)
  await button(page, 'Cancel').click()
  await createUser(server, { [project.organizationId]: 'OWNER' })
  await deletion()
  await page.getByText('Every agent gets a pass of its own').waitFor()
  await expect(signIn(server, user.email)).rejects.toThrow()
})

it('lists the browsers that are signed in, and signs out one of them', async () => {
  const project = await server.createProject()
  const { page, user } = await signedIn(browser, server, project)
  const elsewhere = await signIn(server, user.email)
  await page.goto('/console/account')
  const sessions = page.getByRole('table', { name: 'Sessions' })
  const rows = sessions.getByRole('row').filter({ hasText: '127.0.0.1' })
  await rows.nth(1).waitFor()
  expect(await rows.filter({ hasText: 'This one' }).count()).toBe(1)
  expect(await rows.filter({ hasText: 'This one' }).textContent()).toMatch(/Chrome.* on Linux/)
  await expectReadable(page)
  await rows.filter({ hasNotText: 'This one' }).getByRole('button').first().click()
  await button(page, 'Sign it out').click()
  await page.getByText('The session has ended.').waitFor()
  await rows.nth(1).waitFor({ state: 'detached' })
  expect((await fetch(`${server.url}/v1/api/me`, { headers: elsewhere.headers })).status).toBe(401)
  await rows.getByRole('button').first().click()
  await button(page, 'Sign it out').click()
  await page.getByText('Every agent gets a pass of its own').waitFor()
})

it('lets an owner with one-time codes require them, and leads a member without them to setting them up', async () => {
  const project = await server.createProject()
  const { page: owner } = await signedIn(browser, server, project)
  const settings = `/console/organizations/${project.organizationId}/settings`
  await owner.goto(settings)
  await owner.getByText('you would be kept out yourself').waitFor()
  expect(await button(owner, 'Require one-time codes').isDisabled()).toBe(true)
  await owner.goto('/console/account')
  await setUpCodes(owner)
  const member = await signedIn(browser, server, project, { role: 'MEMBER' })
  const leaver = await signedIn(browser, server, project, { role: 'ADMIN' })
  await owner.goto(settings)
  await button(owner, 'Require one-time codes').click()
  const question = owner.getByRole('dialog')
  await question.getByText('2 members have none').waitFor()
  await expectReadable(owner)
  await question.getByRole('button', { name: 'Require one-time codes' }).click()
  await owner.getByText('Required', { exact: true }).waitFor()

  await member.page.goto(settings)
  await member.page.getByRole('heading', { level: 1, name: /requires one-time codes$/ }).waitFor()
  await expectReadable(member.page)
  await setUpCodes(member.page)
  await member.page.getByRole('heading', { level: 1, name: 'Projects and settings' }).waitFor()

  await leaver.page.goto(settings)
  await button(leaver.page, 'Leave the organization').click()
  await expectReadable(leaver.page)
  const leaving = leaver.page.getByRole('dialog')
  await leaving.getByRole('button', { name: 'Leave the organization' }).click()
  await leaver.page.getByText(/^You have left /).waitFor()
  await leaver.page.getByRole('heading', { level: 1, name: 'Your account' }).waitFor()
})

async function setUpCodes(page: Page): Promise<void> {
  await button(page, 'Set up one-time codes').click()
  await page.getByLabel(/^Your password/).fill(PASSWORD)
  await button(page, 'Go on').click()
  const secret = await page
    .getByRole('dialog')
    .getByText(/^[A-Z2-7]{32}$/)
    .textContent()
  const totp = new TOTP({ secret: Secret.fromBase32(secret ?? '') })
  await page.getByLabel(/^Code/).fill(totp.generate({ timestamp: server.clock.now() }))
  await button(page, 'Turn them on').click()
  await page.getByText('One-time codes are on.').waitFor()
}

it('shows who invites one, and joins or declines', async () => {
  const [wanted, unwanted] = [await server.createProject('Wanted'), await server.createProject('Unwanted')]
  const { page, user } = await signedIn(browser, server, await server.createProject('Home'), {
    role: 'VIEWER',
  })
  for (const { organizationId } of [wanted, unwanted]) {
    const owner = await createUser(server, { [organizationId]: 'OWNER' })
    const { headers } = await signIn(server, owner.email)
    const made = await server.http
      .post(`/v1/api/organizations/${organizationId}/members`)
      .set(headers)
      .send({ data: { attributes: { email: user.email, role: 'ADMIN' } } })
    expect(made.status).toBe(201)
  }
  await page.goto('/console/account')
  await page
    .getByRole('row', { name: /Wanted organization.*Admin.*Test Person/ })
    .first()
    .waitFor()
  await expectReadable(page)
  await button(page, 'Decline Unwanted organization').click()
  await expectReadable(page)
  await button(page, 'Decline it').click()
  await button(page, 'Decline Unwanted organization').waitFor({ state: 'detached' })
  await button(page, 'Join Wanted organization').click()
  await page.getByText('You are a member of Wanted organization now.').waitFor()
  await page.waitForURL(`**/organizations/${wanted.organizationId}/**`)
  await page.goto('/console/account')
  await page.getByRole('table', { name: 'Organizations' }).getByText('Wanted organization').waitFor()
  expect(await page.getByText('Invitations to you').count()).toBe(0)
})

it('shows what happened to the account, and from where', async () => {
  const { page } = await signedIn(browser, server, await server.createProject(), { role: 'VIEWER' })
  await page.goto('/console/account')
  await page.getByLabel(/^Your name/).fill('Grace')
  await button(page, 'Change').click()
  await page.getByText('Your name is changed.').waitFor()
  await page.reload()
  const events = page.getByRole('table', { name: 'Account events' })
  await events.getByRole('row', { name: /Changed their name.*127\.0\.0\.1/ }).waitFor()
  await events.getByRole('row', { name: /Signed in.*127\.0\.0\.1/ }).waitFor()
  await expectReadable(page)
})

it('offers no organization to make where the owners of the server make them, and says so', async () => {
  await server.createProject('First')
  const user = await createUser(server)
  const page = await openWindow(browser, server)
  await page.goto('/console')
  await signInOn(page, user.email)
  await page.getByText('Here the owners of the server create them').waitFor()
  expect(await page.getByLabel(/^Name of the organization/).count()).toBe(0)
  await expectReadable(page)
})
