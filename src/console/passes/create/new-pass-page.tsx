import { Paper, Text } from '@mantine/core'
import { mayGrantOwnScopes } from '../../api/access.ts'
import { useOrganization, usePlace } from '../../layout/where.ts'
import { LinkButton } from '../../shared/links.tsx'
import { Page } from '../../shared/page.tsx'
import { Creation } from './creation.tsx'

/** Makes a pass, for those who may. */
export function NewPassPage() {
  const { may, role } = useOrganization()
  const place = usePlace()
  if (may('passes.create')) return <Creation ownScopes={mayGrantOwnScopes(role)} />
  return (
    <Page title="Create a Sentinel Pass">
      <Paper withBorder p="lg">
        <Text mb="md">Your role in this organization lets you look at passes, not make them.</Text>
        <LinkButton
          variant="default"
          to="/organizations/$orgId/projects/$projectId/passes"
          params={{ ...place }}
        >
          To the passes
        </LinkButton>
      </Paper>
    </Page>
  )
}
