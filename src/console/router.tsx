import type { FetchQueryOptions, QueryKey } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router'
import { parseLogSearch } from './activity/log-search.ts'
import { projectsQuery } from './api/organizations.ts'
import { passOptionsQuery, passQuery } from './api/passes.ts'
import { parseAuditSearch } from './audit/audit-search.ts'
import { Home, OrganizationHome } from './layout/home.tsx'
import { NotFound, PageFailed, PagePending } from './layout/page-states.tsx'
import { Shell } from './layout/shell.tsx'
import { OrganizationPages } from './organizations/required-codes.tsx'
import { parsePassSearch } from './passes/pass-search.ts'
import { CONSOLE_PATH } from './place.ts'
import { queryClient } from './query-client.ts'
import { session } from './sign-in/session.ts'

interface Context {
  /** Why a sign-in did not come about. */
  readonly refusal: string | undefined
}

/** Reads what a page cannot be drawn without, while its code loads: it appears at once, and whole. */
async function readFirst<Data, Key extends QueryKey>(query: FetchQueryOptions<Data, Error, Data, Key>) {
  if (session.signedIn) await queryClient.ensureQueryData(query)
}

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: NotFound })

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('./people/invitation-page.tsx'), 'InvitationPage'),
})
const passwordReset = createRoute({
  getParentRoute: () => root,
  path: '/password-reset',
  component: lazyRouteComponent(() => import('./people/password-reset-page.tsx'), 'PasswordResetPage'),
})

const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell })
const home = createRoute({ getParentRoute: () => shell, path: '/', component: Home })
const account = createRoute({
  getParentRoute: () => shell,
  path: '/account',
  component: lazyRouteComponent(() => import('./people/account-page.tsx'), 'AccountPage'),
})

const organization = createRoute({
  getParentRoute: () => shell,
  path: '/organizations/$orgId',
  component: OrganizationPages,
})
const organizationHome = createRoute({
  getParentRoute: () => organization,
  path: '/',
  loader: ({ params }) => readFirst(projectsQuery(params.orgId)),
  component: OrganizationHome,
})
const members = createRoute({
  getParentRoute: () => organization,
  path: '/members',
  component: lazyRouteComponent(() => import('./people/members-page.tsx'), 'MembersPage'),
})
const organizationAudit = createRoute({
  getParentRoute: () => organization,
  path: '/audit',
  validateSearch: parseAuditSearch,
  component: lazyRouteComponent(() => import('./audit/audit-page.tsx'), 'OrganizationAuditPage'),
})
const organizationApiKeys = createRoute({
  getParentRoute: () => organization,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('./api-keys/api-keys-page.tsx'), 'OrganizationApiKeysPage'),
})
const organizationSettings = createRoute({
  getParentRoute: () => organization,
  path: '/settings',
  component: lazyRouteComponent(
    () => import('./organizations/organization-settings-page.tsx'),
    'OrganizationSettingsPage',
  ),
})

const project = createRoute({ getParentRoute: () => organization, path: '/projects/$projectId' })
const projectOverview = createRoute({
  getParentRoute: () => project,
  path: '/',
  validateSearch: parseLogSearch,
  component: lazyRouteComponent(() => import('./projects/project-overview-page.tsx'), 'ProjectOverviewPage'),
})
const passes = createRoute({
  getParentRoute: () => project,
  path: '/passes',
  validateSearch: parsePassSearch,
  component: lazyRouteComponent(() => import('./passes/passes-page.tsx'), 'PassesPage'),
})
const newPass = createRoute({
  getParentRoute: () => project,
  path: '/passes/new',
  loader: () => readFirst(passOptionsQuery),
  component: lazyRouteComponent(() => import('./passes/create/new-pass-page.tsx'), 'NewPassPage'),
})
const pass = createRoute({
  getParentRoute: () => project,
  path: '/passes/$passId',
  loader: ({ params: { passId, ...place } }) => readFirst(passQuery(place, passId)),
  component: lazyRouteComponent(() => import('./passes/detail/pass-page.tsx'), 'PassPage'),
})
const passOverview = createRoute({
  getParentRoute: () => pass,
  path: '/',
  component: lazyRouteComponent(() => import('./passes/detail/overview-tab.tsx'), 'OverviewTab'),
})
const passPermissions = createRoute({
  getParentRoute: () => pass,
  path: '/permissions',
  component: lazyRouteComponent(() => import('./passes/detail/permissions-tab.tsx'), 'PermissionsTab'),
})
const passUsage = createRoute({
  getParentRoute: () => pass,
  path: '/usage',
  validateSearch: parseLogSearch,
  component: lazyRouteComponent(() => import('./passes/detail/usage-tab.tsx'), 'UsageTab'),
})
const passSettings = createRoute({
  getParentRoute: () => pass,
  path: '/settings',
  loader: () => readFirst(passOptionsQuery),
  component: lazyRouteComponent(() => import('./passes/detail/settings-tab.tsx'), 'SettingsTab'),
})
const resourceServers = createRoute({
  getParentRoute: () => project,
  path: '/resource-servers',
  component: lazyRouteComponent(
    () => import('./resource-servers/resource-servers-page.tsx'),
    'ResourceServersPage',
  ),
})
const apiKeys = createRoute({
  getParentRoute: () => project,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('./api-keys/api-keys-page.tsx'), 'ApiKeysPage'),
})
const projectAudit = createRoute({
  getParentRoute: () => project,
  path: '/audit',
  validateSearch: parseAuditSearch,
  component: lazyRouteComponent(() => import('./audit/audit-page.tsx'), 'ProjectAuditPage'),
})
const projectSettings = createRoute({
  getParentRoute: () => project,
  path: '/settings',
  loader: ({ params }) => readFirst(projectsQuery(params.orgId)),
  component: lazyRouteComponent(() => import('./projects/project-settings-page.tsx'), 'ProjectSettingsPage'),
})

const routeTree = root.addChildren([
  invitation,
  passwordReset,
  shell.addChildren([
    home,
    account,
    organization.addChildren([
      organizationHome,
      members,
      organizationAudit,
      organizationApiKeys,
      organizationSettings,
      project.addChildren([
        projectOverview,
        passes,
        newPass,
        pass.addChildren([passOverview, passPermissions, passUsage, passSettings]),
        resourceServers,
        apiKeys,
        projectAudit,
        projectSettings,
      ]),
    ]),
  ]),
])

/** Every page of the console by its address. */
export const router = createRouter({
  routeTree,
  basepath: CONSOLE_PATH,
  context: { refusal: undefined },
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailed,
  defaultPendingComponent: PagePending,
  defaultPendingMs: 300,
  defaultPendingMinMs: 300,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
