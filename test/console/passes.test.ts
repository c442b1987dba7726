import type { Browser, Page } from 'playwright-core'
import { expectReadable, serveConsole, signedIn } from '../support/browser.ts'
import type { TestServer } from '../support/server.ts'

let server: TestServer
let browser: Browser
serveConsole(started => {
  ;({ server, browser } = started)
})

const names = (page: Page) => page.getByRole('main').getByRole('heading', { level: 2 }).allTextContents()
const count = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).waitFor()
async function choose(page: Page, field: string, option: string) {
  await page.getByRole('combobox', { name: field }).click()
  await page.getByRole('option', { name: option }).click()
}

it('says what a pass is where there is none, and leads to the first one', async () => {
  const { page, base } = await signedIn(browser, server, await server.createProject())
  await page.goto(`${base}/passes`)
  await page.getByRole('heading', { name: 'Give your first agent a pass' }).waitFor()
  await expectReadable(page)
  await page.getByRole('link', { name: 'Create a Sentinel Pass' }).click()
  await page.getByLabel('Agent name').waitFor()
  expect(new URL(page.url()).pathname).toBe(`${base}/passes/new`)
})

it('shows a card for each pass, all of which leads to the pass', async () => {
  const project = await server.createProject()
  const pass = await server.createPass(project, {
    title: 'Invoice reader',
    scopes: ['invoices:read', 'invoices:write', 'data:read', 'data:write', 'a2a', 'read'],
    tags: ['finance', 'eu'],
    accessLevel: 'premium',
    credentialType: 'oauth_client',
    validUntil: '2030-01-20',
  })
  await server.fetchToken(pass.credentials)
  const { page, base } = await signedIn(browser, server, project)
  await page.goto(`${base}/passes`)
  const card = page.getByRole('listitem').filter({ hasText: 'Invoice reader' })
  for (const text of [String(pass.attributes.passId), 'Expiring', 'invoices:read', '+2', 'finance', 'eu'])
    await card.getByText(text, { exact: true }).waitFor()
  await card.getByText('Premium access · OAuth client').waitFor()
  await card.getByText(/Last used 15 Jan 2030/).waitFor()
  const box = await card.boundingBox()
  await page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) - 20, (box?.y ?? 0) + (box?.height ?? 0) - 20)
  await page.waitForURL(`**/passes/${pass.id}`)
})

it('narrows and orders the list by its address, which a reload and the way back keep', async () => {
  const project = await server.createProject()
  for (const [title, fields] of [
    ['Alpha bot', { tags: ['sales', 'eu'] }],
    ['Beta bot', { tags: ['sales'], credentialType: 'token' }],
    ['Gamma bot', { active: false, tags: ['eu'] }],
    ['Delta 2030', {}],
  ] as const)
    await server.createPass(project, { title, ...fields })
  const { page, base } = await signedIn(browser, server, project)
  await page.goto(`${base}/passes`)
  await count(page, '4 passes')
  expect(await names(page)).toEqual(['Delta 2030', 'Gamma bot', 'Beta bot', 'Alpha bot'])
  await expectReadable(page)

  await page.getByLabel('Search', { exact: true }).pressSequentially('bot')
  await count(page, '3 passes match')
  await choose(page, 'Sort', 'Name, A to Z')
  await page.getByRole('combobox', { name: 'Tags' }).fill('sales')
  await page.keyboard.press('Enter')
  await count(page, '2 passes match')
  expect(await names(page)).toEqual(['Alpha bot', 'Beta bot'])
  await choose(page, 'Credential type', 'Token')
  await count(page, '1 pass matches')
  const address = page.url()
  expect(Object.fromEntries(new URL(address).searchParams)).toEqual({
    search: 'bot',
    tags: 'sales',
    credential_type: 'token',
    sort_by: 'title',
    sort_order: 'asc',
  })

  await page.reload()
  await count(page, '1 pass matches')
  expect(await page.getByLabel('Search', { exact: true }).inputValue()).toBe('bot')
  await choose(page, 'Status', 'Inactive')
  await page.getByRole('heading', { name: 'No pass matches' }).waitFor()
  await expectReadable(page)
  await page.goBack()
  await count(page, '1 pass matches')
  expect(page.url()).toBe(address)
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await count(page, '4 passes')
  expect(await page.getByLabel('Search', { exact: true }).inputValue()).toBe('')
  expect(await names(page)).toEqual(['Alpha bot', 'Beta bot', 'Delta 2030', 'Gamma bot'])

  await page.goto(`${base}/passes?search=2030`)
  await count(page, '1 pass matches')
})

it('goes through the pages of a long list, and back to the first when it is narrowed', async () => {
  const project = await server.createProject()
  for (let number = 1; number <= 26; number++)
    await server.createPass(project, { title: `Agent ${String(number).padStart(2, '0')}` })
  const { page, base } = await signedIn(browser, server, project)
  await page.goto(`${base}/passes`)
  await count(page, '26 passes')
  expect(await names(page)).toHaveLength(24)
  await page.getByRole('button', { name: 'Page 2' }).click()
  await page.getByRole('link', { name: 'Agent 01' }).waitFor()
  expect(await names(page)).toEqual(['Agent 02', 'Agent 01'])
  expect(new URL(page.url()).searchParams.get('page')).toBe('2')
  await page.reload()
  await page.getByRole('link', { name: 'Agent 01' }).waitFor()
  await page.getByLabel('Search', { exact: true }).fill('Agent 26')
  await page.getByRole('link', { name: 'Agent 26' }).waitFor()
  expect(new URL(page.url()).searchParams.get('page')).toBeNull()
})

it('offers a viewer nothing that makes a pass, and says why where one would be made', async () => {
  const project = await server.createProject()
  const { page, base } = await signedIn(browser, server, project, { role: 'VIEWER' })
  await page.goto(`${base}/passes`)
  await page.getByRole('heading', { name: 'Give your first agent a pass' }).waitFor()
  expect(await page.getByRole('link', { name: 'Create a Sentinel Pass' }).count()).toBe(0)
  await page.goto(`${base}/passes/new`)
  await page.getByText('Your role in this organization lets you look at passes, not make them.').waitFor()
  expect(await page.getByLabel('Agent name').count()).toBe(0)
  await expectReadable(page)
})
