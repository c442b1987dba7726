-- Adds up what rows of a node have come to since its mark, and moves the mark to the last of their batches: both or nothing,
-- and once. True when that is done, whether by this call or by an earlier one whose answer was lost; false when the node's
-- number has been taken over, and with it the rows behind its mark.
create or replace function add_totals(
  node_id smallint, holder_id uuid, new_mark bigint, mark_time timestamptz, rollup_rounds int, rollups json,
  endpoints json, uses json
) returns boolean language plpgsql as $function$
declare
  old_mark bigint;
begin
  select n.mark into old_mark from nodes n where n.id = node_id and n.holder = holder_id for update;
  if old_mark is null then
    return false;
  end if;
  if old_mark >= new_mark then
    return true;
  end if;

  perform add_rollups(node_id, rollup_rounds, rollups, endpoints);

  insert into pass_usage as w (agent_user_id, credential_id, node, uses, last_used_at, last_used_ip)
    select u.agent_user_id, u.credential_id, node_id, u.uses, u.last_used_at, u.last_used_ip
    from json_to_recordset(uses) as u(
      agent_user_id uuid, credential_id uuid, uses int, last_used_at timestamptz, last_used_ip text)
    -- Not of a pass that was deleted meanwhile.
    join agents a on a.id = u.agent_user_id
    order by u.agent_user_id, u.credential_id
    on conflict (agent_user_id, credential_id, node) do update set
      uses = w.uses + excluded.uses, last_used_at = greatest(w.last_used_at, excluded.last_used_at),
      last_used_ip = case when excluded.last_used_at >= w.last_used_at then excluded.last_used_ip else w.last_used_ip end;

  update nodes n set mark = new_mark, marked_at = mark_time where n.id = node_id;
  return true;
end
$function$
