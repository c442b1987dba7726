import { exportJWK, generateKeyPair } from 'jose'
import type { Browser, Page } from 'playwright-core'
import { expectReadable, serveConsole, signedIn } from '../support/browser.ts'
import { createResource } from '../support/resource-servers.ts'
import type { TestProject, TestServer } from '../support/server.ts'
import { paste } from '../support/shell.ts'

let server: TestServer
let browser: Browser
serveConsole(started => {
  ;({ server, browser } = started)
})

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const copied = (page: Page) => page.evaluate<string>('navigator.clipboard.readText()')
const list = (page: Page, name: string) => page.getByRole('combobox', { name, exact: true })
async function choose(page: Page, field: string, option: string) {
  await list(page, field).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

/** What the API says of the passes of a project. */
async function passesOf(project: TestProject) {
  const answer = await server.http.get(`${project.path}/sentinel_passes`).set('Api-Key', project.apiKey)
  return answer.body.data
}

/** The page that makes passes, with the first step filled in. */
async function begin(project: TestProject, title: string, role: 'OWNER' | 'MEMBER' = 'OWNER') {
  const window = await signedIn(browser, server, project, { role })
  const { page, base } = window
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(`${base}/passes/new`)
  await page.getByLabel('Agent name').pressSequentially(title)
  await press(page, 'Continue')
  await page.getByRole('heading', { name: 'Security settings' }).waitFor()
  return window
}

it('makes a pass with the defaults, whose credentials work in each format that they are copied in', async () => {
  const project = await server.createProject()
  const { page, base } = await signedIn(browser, server, project)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(`${base}/passes/new`)
  await press(page, 'Continue')
  await page.getByText('Give the agent a name.').waitFor()
  expect(await page.locator(':focus').getAttribute('data-path')).toBe('title')
  await expectReadable(page)
  await page.getByLabel('Agent name').pressSequentially('Sourcing Agent 7')
  expect(await page.getByLabel('Agent type').inputValue()).toBe('sourcing_agent_7')
  await page.getByLabel('Agent type').fill('Buyer, Senior!')
  await page.getByLabel('Agent name').press('End')
  await page.getByLabel('Agent name').pressSequentially(' b')
  expect(await page.getByLabel('Agent type').inputValue()).toBe('buyer_senior')

  await press(page, 'Continue')
  await press(page, 'Advanced tokens, networks, keys, notes')
  await expectReadable(page)
  await press(page, 'Use defaults')
  await page.getByRole('heading', { name: 'Review' }).waitFor()
  await expectReadable(page)
  await press(page, 'Create agent & pass')
  await page.getByRole('heading', { name: 'Credentials' }).waitFor()
  await expectReadable(page)

  await press(page, 'Copy JSON')
  await press(page, 'Copied')
  const credentials = JSON.parse(await copied(page))
  expect(Object.keys(credentials)).toEqual(['clientId', 'clientSecret', 'agentUserId', 'apiBaseUrl'])
  await server.fetchToken(credentials)

  await page.getByRole('tab', { name: 'Shell' }).click()
  await press(page, 'Copy exports')
  const variables = await paste(`${await copied(page)}\nnode -p 'JSON.stringify(process.env)'\n`)
  expect(JSON.parse(variables)).toMatchObject({
    TRAYLINX_CLIENT_ID: credentials.clientId,
    TRAYLINX_CLIENT_SECRET: credentials.clientSecret,
    TRAYLINX_API_BASE_URL: credentials.apiBaseUrl,
    TRAYLINX_AGENT_USER_ID: credentials.agentUserId,
  })

  await page.getByRole('tab', { name: 'curl' }).click()
  await press(page, 'Copy curl line')
  const answer = await paste(`${await copied(page)}\n`)
  expect(JSON.parse(answer)).toMatchObject({ token_type: 'Bearer', scope: 'read write' })

  await press(page, 'Complete')
  const [pass] = await passesOf(project)
  await page.waitForURL(`**/passes/${pass.id}`)
  expect(pass.attributes).toMatchObject({
    title: 'Sourcing Agent 7 b',
    agentType: 'buyer_senior',
    accessLevel: 'standard',
    usageType: 'automation_tool',
    credentialType: 'api_key',
    permissions: ['read', 'write'],
    scopes: ['read', 'write'],
    tokenFormat: 'opaque',
    validFrom: pass.attributes.createdAt,
    status: 'active',
  })
})

it('sends every setting as it was chosen, times from the time zone of the reader', async () => {
  const project = await server.createProject()
  await createResource(server, project, { resource: 'https://api.example.com', title: 'Orders' })
  const { page } = await begin(project, 'Invoice Reader')
  await page.getByLabel('Pass ID').fill('sp-2030-inv001')
  await page.getByRole('textbox', { name: 'Organization' }).fill('Acme Corp')
  await choose(page, 'Usage type', 'MCP server')
  await choose(page, 'Credential type', 'OAuth client')
  await list(page, 'Tags').fill('finance, eu west')
  await page.getByLabel('Valid from').fill('2030-07-01T12:00')
  expect(await page.getByLabel('Valid until').inputValue()).toBe('2031-07-01T12:00')
  await page.getByLabel('Valid until').fill('2030-12-01T12:00')
  await page.getByRole('radio', { name: 'Premium' }).click()
  await list(page, 'Permissions').fill('admin ')
  await list(page, 'Scopes').fill('invoices:read,passes:read')
  await press(page, 'Advanced tokens, networks, keys, notes')
  await choose(page, 'Token format', 'JWT (RFC 9068)')
  await page.getByLabel('Token lifetime in seconds').fill('4000')
  await list(page, 'Allowed IP addresses').fill('203.0.113.0/24')
  await list(page, 'Allowed referers').fill('https://app.example.com/*')
  await list(page, 'Resources').fill('https://api.example.com')
  await page.getByLabel('Entity type').fill('repository')
  await page.getByLabel('Entity ID').fill('42')
  await page.getByLabel('Integration notes').fill('Runs nightly.')
  await press(page, 'Continue')
  await page.getByText('The access level allows 3600 seconds (60 minutes) at most.').waitFor()
  await page.getByLabel('Token lifetime in seconds').fill('1200')
  await press(page, 'Continue')
  await press(page, 'Edit identity')
  await page.getByLabel('Description').fill('Reads invoices.')
  await press(page, 'Continue')
  await press(page, 'Continue')
  for (const text of ['SP-2030-INV001', 'finance, eu west', 'invoices:read, passes:read', '20 minutes'])
    await page.getByRole('definition').filter({ hasText: text }).waitFor()
  await press(page, 'Create agent & pass')
  await page.getByRole('heading', { name: 'Credentials' }).waitFor()
  const [pass] = await passesOf(project)
  expect(pass.attributes).toMatchObject({
    description: 'Reads invoices.',
    passId: 'SP-2030-INV001',
    organization: 'Acme Corp',
    usageType: 'mcp_server',
    credentialType: 'oauth_client',
    tags: ['finance', 'eu west'],
    validFrom: '2030-07-01T10:00:00.000Z',
    validUntil: '2030-12-01T11:00:00.000Z',
    accessLevel: 'premium',
    permissions: ['read', 'write', 'admin'],
    scopes: ['invoices:read', 'passes:read'],
    tokenFormat: 'jwt',
    tokenTtl: 1200,
    allowedIps: ['203.0.113.0/24'],
    allowedReferers: ['https://app.example.com/*'],
    resources: ['https://api.example.com'],
    entityType: 'repository',
    entityId: '42',
    integrationNotes: 'Runs nightly.',
  })
})

it('leads to the field that the server refuses, and makes one pass of what is mended', async () => {
  const project = await server.createProject()
  const taken = await server.createPass(project)
  const { page } = await begin(project, 'Late Agent')
  await page.getByLabel('Pass ID').fill(String(taken.attributes.passId))
  await page.getByLabel('Valid until').fill('2029-01-01T00:00')
  await page.getByLabel('Valid until').blur()
  await page.getByText('The end has to come after the beginning.').waitFor()
  await page.getByRole('switch', { name: 'Never expires' }).check()
  await press(page, 'Continue')
  await press(page, 'Create agent & pass')
  await page.getByText('It is taken in this project.').waitFor()
  expect(await page.locator(':focus').getAttribute('data-path')).toBe('passId')
  await page.getByLabel('Pass ID').fill('')

  await press(page, 'Advanced tokens, networks, keys, notes')
  await list(page, 'Allowed IP addresses').fill('10.0.0.300')
  await page.getByLabel('Public keys').fill('{')
  await page.getByLabel('Public keys').blur()
  await page.getByText('This is not JSON').waitFor()
  await page.getByLabel('Public keys').fill('')
  await press(page, 'Advanced tokens, networks, keys, notes')
  await press(page, 'Continue')
  await press(page, 'Create agent & pass')
  await page.getByText('“10.0.0.300” must be an IP address').waitFor()
  await expectReadable(page)
  await page.getByRole('button', { name: 'Back' }).focus()
  await list(page, 'Allowed IP addresses').press('Backspace')
  await press(page, 'Continue')
  await press(page, 'Create agent & pass')
  await page.getByRole('heading', { name: 'Credentials' }).waitFor()
  const [made, ...others] = await passesOf(project)
  expect(others).toHaveLength(1)
  expect(made.attributes).toMatchObject({ title: 'Late Agent', validUntil: null, allowedIps: [] })
})

it('asks before somebody leaves a secret that was not copied', async () => {
  const { page, base } = await begin(await server.createProject(), 'Careful Agent')
  await press(page, 'Use defaults')
  await press(page, 'Create agent & pass')
  await page.getByRole('heading', { name: 'Credentials' }).waitFor()
  const asked = page.waitForEvent('dialog')
  await page.evaluate('void setTimeout(() => location.reload())')
  const question = await asked
  expect(question.type()).toBe('beforeunload')
  await question.dismiss()

  await press(page, 'Complete')
  await page.getByRole('dialog', { name: 'The secret was not copied' }).waitFor()
  await expectReadable(page)
  await press(page, 'Stay')
  await page.getByRole('button', { name: 'Copy client secret' }).waitFor()
  await page.getByRole('link', { name: 'Passes' }).click()
  await press(page, 'Leave without it')
  await page.getByRole('link', { name: 'Careful Agent' }).waitFor()
  expect(new URL(page.url()).pathname).toBe(`${base}/passes`)
})

it('makes a pass with public keys that has no secret to lose', async () => {
  const project = await server.createProject()
  const { page } = await begin(project, 'Signing Agent')
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  await press(page, 'Advanced tokens, networks, keys, notes')
  await page.getByLabel('Public keys').fill(JSON.stringify({ keys: [await exportJWK(publicKey)] }))
  await press(page, 'Continue')
  await page.getByText('Its own keys, no secret').waitFor()
  await press(page, 'Create agent & pass')
  await page.getByText('This pass has keys instead of a secret').waitFor()
  expect(await page.getByText('sps_').count()).toBe(0)
  await press(page, 'Complete')
  const [pass] = await passesOf(project)
  await page.waitForURL(`**/passes/${pass.id}`)
})

it('tells a member that it takes an admin to grant the scopes of this server', async () => {
  const { page } = await begin(await server.createProject(), 'Modest Agent', 'MEMBER')
  await page.getByText('It takes an admin to grant them.').waitFor()
  await list(page, 'Scopes').fill('activity:read read')
  await press(page, 'Continue')
  await page.getByText('It takes an admin to grant activity:read.').waitFor()
})

it('keeps what was typed when the session ends before it is sent', async () => {
  const project = await server.createProject()
  const { page } = await begin(project, 'Patient Agent')
  await list(page, 'Tags').fill('kept')
  await press(page, 'Continue')
  server.clock.advance({ hours: 1 })
  await press(page, 'Create agent & pass')
  await press(page, 'Sign in again')
  await page.getByRole('heading', { name: 'Review' }).waitFor()
  await page.getByRole('definition').filter({ hasText: 'Patient Agent' }).waitFor()
  await press(page, 'Create agent & pass')
  await page.getByRole('heading', { name: 'Credentials' }).waitFor()
  const [pass] = await passesOf(project)
  expect(pass.attributes).toMatchObject({ title: 'Patient Agent', tags: ['kept'] })
})
