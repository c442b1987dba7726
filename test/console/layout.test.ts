import type { Browser, Page } from 'playwright-core'
import { axeFindings, serveConsole, signedIn } from '../support/browser.ts'
import type { TestServer } from '../support/server.ts'

let server: TestServer
let browser: Browser
serveConsole(started => {
  ;({ server, browser } = started)
})

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true })

/** The organization has keys of its own. */
const ofProject = (page: Page) => page.getByRole('navigation', { name: 'Project' })

it('leads to another organization and project, and shows what is theirs alone', async () => {
  const [home, away] = [await server.createProject('Home'), await server.createProject('Away')]
  await server.createPass(home, { title: 'Home Agent' })
  await server.createPass(away, { title: 'Away Agent' })
  const { page, base } = await signedIn(browser, server, home, {
    role: 'VIEWER',
    elsewhere: { [away.organizationId]: 'OWNER' },
  })
  await page.goto(`${base}/passes`)
  await page.getByRole('link', { name: 'Home Agent' }).waitFor()
  expect(await page.getByRole('link', { name: 'API keys' }).count()).toBe(0)
  const choose = async (what: string, name: string) => {
    await page.getByRole('combobox', { name: what }).click()
    await page.getByRole('option', { name, exact: true }).click()
  }
  await choose('Organization', 'Away organization')
  await page.waitForURL(`**/organizations/${away.organizationId}/projects/${away.projectId}`)
  // The role is that of the organization that is shown.
  await ofProject(page).getByRole('link', { name: 'API keys' }).waitFor()
  await page.getByRole('link', { name: 'Passes' }).click()
  await page.getByRole('link', { name: 'Away Agent' }).waitFor()
  expect(await page.getByText('Home Agent').count()).toBe(0)

  await page.getByRole('link', { name: 'Projects and settings' }).click()
  await page.getByRole('button', { name: 'Create a project' }).click()
  await page.getByLabel(/^Name of the project/).fill('Further')
  await page.getByRole('button', { name: 'Create the project' }).click()
  await page.getByRole('heading', { name: 'Give your first agent a pass' }).waitFor()
  await choose('Project', 'Away')
  await page.waitForURL(`**/projects/${away.projectId}`)
  await page.getByRole('table', { name: 'Passes that stand out' }).or(page.getByText('No pass did')).waitFor()
})

it('has the content one key away, and brings each page into focus', async () => {
  const project = await server.createProject()
  const { page, base } = await signedIn(browser, server, project)
  await page.goto(`${base}/passes`)
  await heading(page, 'Passes').waitFor()
  await page.keyboard.press('Tab')
  const focused = page.locator(':focus')
  expect(await focused.textContent()).toBe('Skip to the content')
  expect((await focused.boundingBox())?.x).toBeGreaterThanOrEqual(0)
  await page.keyboard.press('Enter')
  await page.locator('main:focus').waitFor()
  await ofProject(page).getByRole('link', { name: 'API keys' }).press('Enter')
  await heading(page, 'API keys').waitFor()
  await page.locator('main:focus').waitFor()
})

it('has its pages behind a button on a phone, and keeps the colours that were chosen', async () => {
  const project = await server.createProject()
  const { page, base } = await signedIn(browser, server, project, {
    viewport: { width: 360, height: 800 },
    colorScheme: 'light',
  })
  await page.goto(`${base}/passes`)
  await heading(page, 'Passes').waitFor()
  const keys = ofProject(page).getByRole('link', { name: 'API keys' })
  expect(await keys.isVisible()).toBe(false)
  await page.getByRole('button', { name: 'Open the menu' }).click()
  await keys.waitFor()
  expect(await axeFindings(page)).toEqual([])
  await keys.click()
  await heading(page, 'API keys').waitFor()
  await keys.waitFor({ state: 'hidden' })
  expect(await axeFindings(page)).toEqual([])

  const scheme = () => page.locator('html').getAttribute('data-mantine-color-scheme')
  expect(await scheme()).toBe('light')
  await page.getByRole('button', { name: 'Use the dark colours' }).click()
  expect(await scheme()).toBe('dark')
  await page.reload()
  await page.getByRole('button', { name: 'Use the light colours' }).waitFor()
  expect(await scheme()).toBe('dark')
})
