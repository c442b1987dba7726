import { Button, Group } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { IssuedPass } from '../../api/passes.ts'
import { usePlace } from '../../layout/where.ts'
import { CredentialsPanel } from '../credentials-panel.tsx'
import { useLeaveGuard } from '../use-leave-guard.tsx'

/** The credentials of the pass that was made, and the way to it. */
export function IssuedStep({ issued: { data: pass, meta } }: { readonly issued: IssuedPass }) {
  const place = usePlace()
  const navigate = useNavigate()
  const [copied, setCopied] = useState(false)
  const { question } = useLeaveGuard(meta.credentials.clientSecret !== null && !copied)
  return (
    <>
      <CredentialsPanel credentials={meta.credentials} onCopied={() => setCopied(true)} />
      <Group justify="flex-end">
        <Button
          onClick={() =>
            void navigate({
              to: '/organizations/$orgId/projects/$projectId/passes/$passId',
              params: { ...place, passId: pass.id },
            })
          }
        >
          Complete
        </Button>
      </Group>
      {question}
    </>
  )
}
