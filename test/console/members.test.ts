import type { Browser, Page } from 'playwright-core'
import { expectReadable, openWindow, serveConsole, signedIn, signInOn } from '../support/browser.ts'
import type { TestServer } from '../support/server.ts'
import { createUser, PASSWORD } from '../support/sign-in.ts'

const NEW_PASSWORD = 'another battery for the staple'

let server: TestServer
let browser: Browser
serveConsole(started => {
  ;({ server, browser } = started)
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const stored = (page: Page) =>
  page.evaluate('JSON.stringify([location.href, history.state, { ...localStorage }, { ...sessionStorage }])')

/** Makes an invitation on the page of the members. @returns its link */
async function invite(page: Page, email: string, role: string): Promise<string> {
  await button(page, 'Invite somebody').click()
  await page.getByLabel('Email').fill(email)
  await page.getByRole('dialog').getByRole('combobox', { name: 'Role' }).click()
  await page.getByRole('option', { name: role }).click()
  await button(page, 'Create the invitation').click()
  const link = (await page.getByLabel('link', { exact: true }).textContent()) ?? ''
  await button(page, 'I have kept it').click()
  return link
}

it('lets an invited person join by the link, sign in, and see no more than their role does', async () => {
  const project = await server.createProject()
  const organization = `/console/organizations/${project.organizationId}`
  const { page } = await signedIn(browser, server, project)
  await page.goto(`${organization}/members`)
  await button(page, 'Invite somebody').click()
  await expectReadable(page)
  await button(page, 'Cancel').click()
  const link = await invite(page, 'ada@example.test', 'Viewer')
  await page.getByRole('row', { name: /ada@example.test.*Open until/ }).waitFor()
  await expectReadable(page)

  const other = await openWindow(browser, server)
  await other.goto(link)
  await other.getByLabel('Your name').fill('Ada')
  const secret = new URL(link).hash.slice(1)
  expect(await stored(other)).not.toContain(secret)
  await expectReadable(other)
  await other.getByLabel(/^Password/).fill(NEW_PASSWORD)
  await button(other, 'Accept the invitation').click()
  await other.getByRole('heading', { name: 'You are a member' }).waitFor()
  await expectReadable(other)
  await other.getByRole('button', { name: 'Sign in' }).click()
  await other.getByLabel('Email').fill('ada@example.test')
  await other.getByLabel('Password').fill(NEW_PASSWORD)
  await other.getByRole('button', { name: 'Sign in' }).click()
  await button(other, 'Your account').waitFor()

  const offered: string[] = []
  const base = `${organization}/projects/${project.projectId}`
  for (const path of [
    `${organization}/members`,
    `${organization}/settings`,
    `${base}/settings`,
    `${base}/audit`,
  ]) {
    await other.goto(path)
    await other
      .getByRole('main')
      .getByText(/Ada|Project|Created/)
      .last()
      .waitFor()
    offered.push(...(await other.getByRole('main').getByRole('button').allTextContents()))
  }
  // Whoever is in an organization may leave it; the audit is there to be read.
  expect(offered.filter(Boolean)).toEqual(['Leave', 'Export', 'Clear filters'])
  expect(await other.getByRole('link', { name: 'API keys' }).count()).toBe(0)

  await page.reload()
  await page.getByRole('row', { name: /ada@example.test.*Accepted/ }).waitFor()
  await page.getByRole('row', { name: /Ada.*Off/ }).waitFor()
  const again = await openWindow(browser, server)
  await again.goto(link)
  await again.getByLabel('Your name').fill('Eve')
  await again.getByLabel(/^Password/).fill(NEW_PASSWORD)
  await button(again, 'Accept the invitation').click()
  await again.getByRole('alert').getByText('This link does not work any more').waitFor()
  await expectReadable(again)
})

it('lets somebody with an account accept by its password, and not by another', async () => {
  const project = await server.createProject()
  const user = await createUser(server)
  const { page } = await signedIn(browser, server, project)
  await page.goto(`/console/organizations/${project.organizationId}/members`)
  const link = await invite(page, user.email, 'Admin')
  const other = await openWindow(browser, server)
  await other.goto(link)
  await other.getByLabel('Your name').fill('Eve')
  await other.getByLabel(/^Password/).fill(NEW_PASSWORD)
  await button(other, 'Accept the invitation').click()
  await other.getByText('This proves no account of the invited address').waitFor()
  await other.getByText('I have an account', { exact: true }).click()
  await other.getByLabel(/^Password/).fill(PASSWORD)
  await expectReadable(other)
  await button(other, 'Accept the invitation').click()
  await other.getByText('Your role is Admin').waitFor()
})

it('ends an invitation that is withdrawn', async () => {
  const project = await server.createProject()
  const { page } = await signedIn(browser, server, project)
  await page.goto(`/console/organizations/${project.organizationId}/members`)
  const link = await invite(page, 'withdrawn@example.test', 'Member')
  await button(page, 'Withdraw the invitation of withdrawn@example.test').click()
  await button(page, 'Withdraw it').click()
  await page.getByText('Nobody has been invited yet.').waitFor()
  const secret = new URL(link).hash.slice(1)
  const answer = await server.http
    .post('/v1/api/invitations/accept')
    .send({ data: { attributes: { secret, name: 'Late', password: NEW_PASSWORD } } })
  expect(answer.status).toBe(404)
})

it('lets an owner change a role, reset a password and remove somebody, but not go as the last owner', async () => {
  const project = await server.createProject()
  const member = await createUser(server, { [project.organizationId]: 'VIEWER' }, 'grace@example.test')
  const { page } = await signedIn(browser, server, project)
  await page.goto(`/console/organizations/${project.organizationId}/members`)
  const row = page.getByRole('row', { name: /grace@example.test/ })
  await row.getByRole('combobox').click()
  await page.getByRole('option', { name: 'Admin' }).click()
  await expectReadable(page)
  await button(page, 'Change the role').click()
  await page.getByText('Test Person is an admin now.').waitFor()
  expect(
    (await server.deps.organizations.members.list(project.organizationId, { page: 1, per_page: 100 })).items
      .map(({ role }) => role)
      .sort(),
  ).toEqual(['ADMIN', 'OWNER'])

  await row.getByRole('button', { name: /^Reset password/ }).click()
  await button(page, 'Create the link').click()
  const link = (await page.getByLabel('link', { exact: true }).textContent()) ?? ''
  await button(page, 'I have kept it').click()
  const other = await openWindow(browser, server)
  await other.goto(link)
  await other.getByLabel(/^New password/).fill(NEW_PASSWORD)
  expect(await stored(other)).not.toContain(new URL(link).hash.slice(1))
  await expectReadable(other)
  await button(other, 'Set the password').click()
  await other.getByRole('heading', { name: 'Your password is set' }).waitFor()
  await other.goto('/console')
  await signInOn(other, member.email, NEW_PASSWORD)
  await button(other, 'Your account').waitFor()

  await row.getByRole('button', { name: /^Account events/ }).click()
  await page.getByRole('dialog').getByRole('cell', { name: 'Signed in' }).first().waitFor()
  await expectReadable(page)
  await page.keyboard.press('Escape')
  await row.getByRole('button', { name: /^Remove/ }).click()
  await button(page, 'Remove the member').click()
  await row.waitFor({ state: 'detached' })
  await button(page, 'Leave').click()
  await button(page, 'Leave the organization').click()
  await page.getByRole('alert').getByText('An organization needs an owner').waitFor()
  await expectReadable(page)

  await button(page, 'Cancel').click()
  await createUser(server, { [project.organizationId]: 'OWNER' })
  await button(page, 'Leave').click()
  await button(page, 'Leave the organization').click()
  await page.getByRole('heading', { level: 1, name: 'Your account' }).waitFor()
  await page.getByText('You are in none.').waitFor()
})

it('shows how and when somebody signs in to nobody who may not reset them, and lets anybody leave', async () => {
  const [project, other] = [await server.createProject(), await server.createProject()]
  const shared = { [project.organizationId]: 'VIEWER', [other.organizationId]: 'VIEWER' } as const
  const member = await createUser(server, shared, 'hidden@example.test')
  const { page } = await signedIn(browser, server, project)
  await page.goto(`/console/organizations/${project.organizationId}/members`)
  const row = page.getByRole('row', { name: /hidden@example.test/ })
  await row.getByRole('button', { name: /^Remove/ }).waitFor()
  expect(await row.getByRole('button').allTextContents()).toEqual(['Remove'])
  expect(await row.getByText('Off').count()).toBe(0)

  const theirs = await openWindow(browser, server)
  await theirs.goto('/console')
  await signInOn(theirs, member.email)
  await button(theirs, 'Your account').waitFor()
  await theirs.goto(`/console/organizations/${project.organizationId}/members`)
  await button(theirs, 'Leave').click()
  await button(theirs, 'Leave the organization').click()
  await theirs.getByRole('heading', { level: 1, name: 'Your account' }).waitFor()
  await page.reload()
  await page.getByRole('row', { name: /Test Person/ }).waitFor()
  await row.waitFor({ state: 'detached' })
})
