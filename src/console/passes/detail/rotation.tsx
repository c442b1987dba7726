import { Button, Modal, Select, Stack, Text } from '@mantine/core'
import { SyncIcon } from '@primer/octicons-react'
import { useState } from 'react'
import { type Credentials, rotatePass } from '../../api/passes.ts'
import { Confirm, Warning } from '../../shared/confirm.tsx'
import { CredentialsPanel } from '../credentials-panel.tsx'
import { useLeaveGuard } from '../use-leave-guard.tsx'
import { usePass } from './use-pass.ts'

const GRACE_PERIODS = [
  { value: '0', label: 'at once' },
  { value: '300', label: 'after 5 minutes' },
  { value: '3600', label: 'after an hour' },
  { value: '86400', label: 'after a day' },
  { value: '604800', label: 'after 7 days' },
  { value: '2592000', label: 'after 30 days' },
]

/** Gives the pass a new secret, which is shown once. */
export function RotationButton() {
  const { place, pass, change } = usePass()
  const [asking, setAsking] = useState(false)
  const [grace, setGrace] = useState('0')
  const [issued, setIssued] = useState<Credentials>()
  const rotate = async () => {
    const { meta } = await change(() => rotatePass(place, pass.id, Number(grace)))
    setIssued(meta.credentials)
  }
  return (
    <>
      <Button variant="default" leftSection={<SyncIcon />} onClick={() => setAsking(true)}>
        Regenerate credentials
      </Button>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title="Regenerate the credentials"
        action="Regenerate"
        danger={grace === '0'}
        onConfirm={rotate}
      >
        <Stack gap="sm">
          <Text size="sm">The agent gets a new secret, which is shown once. Its client id stays.</Text>
          <Select
            label="The old secret stops working"
            data={GRACE_PERIODS}
            value={grace}
            allowDeselect={false}
            onChange={value => setGrace(value ?? '0')}
          />
          {grace === '0' && (
            <Warning severe>Whatever still uses the old secret fails from that moment on.</Warning>
          )}
        </Stack>
      </Confirm>
      {issued && <NewCredentials credentials={issued} onClose={() => setIssued(undefined)} />}
    </>
  )
}

function NewCredentials({ credentials, onClose }: NewCredentialsProps) {
  const [copied, setCopied] = useState(credentials.clientSecret === null)
  const guard = useLeaveGuard(!copied)
  return (
    <>
      <Modal
        opened
        onClose={() => guard.close(onClose)}
        title="New credentials"
        size="lg"
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack>
          <CredentialsPanel credentials={credentials} onCopied={() => setCopied(true)} />
          <Button onClick={() => guard.close(onClose)}>Complete</Button>
        </Stack>
      </Modal>
      {guard.question}
    </>
  )
}

interface NewCredentialsProps {
  readonly credentials: Credentials
  readonly onClose: () => void
}
