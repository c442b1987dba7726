import { Modal } from '@mantine/core'
import { createApiKey, type KeyOwner } from '../api/api-keys.ts'
import { useIdempotencyKey } from '../shared/idempotency-key.ts'
import { KeyForm } from './key-fields.tsx'

/** Asks what a new key is for, how long it works and, of an organization, what it may do. */
export function NewApiKey({ opened, onClose, ...rest }: NewApiKeyProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Create an API key">
      <Creation onClose={onClose} {...rest} />
    </Modal>
  )
}

function Creation({ owner, onClose, onMade, onSettled }: Omit<NewApiKeyProps, 'opened'>) {
  const idempotencyKey = useIdempotencyKey()
  return (
    <KeyForm
      asksRole={!('projectId' in owner)}
      action="Create the key"
      submit={key => createApiKey(owner, key, idempotencyKey(key))}
      onDone={onMade}
      onSettled={onSettled}
      onClose={onClose}
    />
  )
}

interface NewApiKeyProps {
  readonly owner: KeyOwner
  readonly opened: boolean
  readonly onClose: () => void
  /** Told the key itself. */
  readonly onMade: (key: string) => void
  /** Told of each try that ended, well or not. */
  readonly onSettled: () => void
}
