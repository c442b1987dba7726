import { Paper } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Navigate, useNavigate } from '@tanstack/react-router'
import { may } from '../api/access.ts'
import { accountQuery } from '../api/account.ts'
import { createOrganization, createProject, projectsQuery } from '../api/organizations.ts'
import { NameForm } from '../shared/name-form.tsx'
import { Page } from '../shared/page.tsx'
import { useOrganization } from './where.ts'

/** Leads to the first organization, or to making one. */
export function Home() {
  const { data: account } = useSuspenseQuery(accountQuery)
  const [first] = account.attributes.organizations
  if (first) return <Navigate to="/organizations/$orgId" params={{ orgId: first.id }} replace />
  return <FirstOrganization />
}

/** Leads to the first project of an organization, or to making one. */
export function OrganizationHome() {
  const { id: orgId, role } = useOrganization()
  const { data: projects } = useSuspenseQuery(projectsQuery(orgId))
  const [first] = projects
  if (first)
    return (
      <Navigate
        to="/organizations/$orgId/projects/$projectId"
        params={{ orgId, projectId: first.id }}
        replace
      />
    )
  if (may(role, 'projects.create')) return <FirstProject orgId={orgId} />
  return (
    <Page title="No projects yet">
      <Paper withBorder p="lg">
        Passes belong to a project, and this organization has none. An admin of it can create one.
      </Paper>
    </Page>
  )
}

function FirstOrganization() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const creation = useMutation({
    mutationFn: createOrganization,
    onSuccess: async ({ id: orgId }) => {
      await client.invalidateQueries({ queryKey: accountQuery.queryKey })
      await navigate({ to: '/organizations/$orgId', params: { orgId } })
    },
  })
  return (
    <Page
      title="Welcome"
      lead="You are in no organization yet. Create one for your team, or ask for an invitation."
    >
      <Paper withBorder p="lg" maw={640}>
        <NameForm label="Name of the organization" action="Create the organization" naming={creation} />
      </Paper>
    </Page>
  )
}

function FirstProject({ orgId }: { readonly orgId: string }) {
  const client = useQueryClient()
  const creation = useMutation({
    mutationFn: (name: string) => createProject(orgId, name),
    onSuccess: () => client.invalidateQueries({ queryKey: projectsQuery(orgId).queryKey }),
  })
  return (
    <Page title="The first project" lead="Passes belong to a project: what one project has, no other sees.">
      <Paper withBorder p="lg" maw={640}>
        <NameForm label="Name of the project" action="Create the project" naming={creation} />
      </Paper>
    </Page>
  )
}
