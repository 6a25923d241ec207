import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { atLeast, type Role } from "../../../party/protocol/roles.ts";
import { Avatar } from "../../components/avatar.tsx";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Menu, type MenuEntry } from "../../components/menu.tsx";
import { LogSkeleton, Note } from "../../components/states.tsx";
import { toast } from "../../components/toast.tsx";
import { api, type Member } from "../../lib/api.ts";
import { membersQuery, sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { grantable, roleName, roleWords } from "./roles.ts";

export function MemberList() {
  const { company, me, role, room, state } = useCompany();
  const client = useQueryClient();
  const members = useQuery(membersQuery(company.id));
  const live = state?.members;
  useEffect(() => {
    // The room names every change of a member; the records hold the rest of them.
    if (live) void client.invalidateQueries(membersQuery(company.id));
  }, [live, client, company.id]);
  if (members.isPending) return <LogSkeleton />;
  if (members.isError) {
    return (
      <Note
        kind="fail"
        icon="warn"
        title="The members could not be read"
        action={<Button onClick={() => void members.refetch()}>Try again</Button>}
      >
        {sentence(members.error)}
      </Note>
    );
  }
  const here = new Set(room.people.map((person) => person.id));
  return (
    <section aria-labelledby="members">
      <div className="sec-head">
        <h2 id="members">Members</h2>
        <span className="dim num">{members.data.length}</span>
      </div>
      <ul className="rows">
        {members.data.map((member) => (
          <li key={member.id}>
            <Avatar person={member} presence={here.has(member.id) ? "on" : undefined} decorative />
            <span className="who">
              <b>
                {member.name}
                {member.id === me.id && " (you)"}
              </b>
              <span>{member.email}</span>
            </span>
            <span className="dim row-hint">{roleWords(member.role)}</span>
            <RoleMenu member={member} own={role} isMe={member.id === me.id} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function RoleMenu({ member, own, isMe }: { member: Member; own: Role; isMe: boolean }) {
  const { company } = useCompany();
  const client = useQueryClient();
  const done = (): void => void client.invalidateQueries(membersQuery(company.id));
  const failed = (error: unknown): void => toast("fail", sentence(error));
  const setRole = useMutation({
    mutationFn: (role: Role) => api.setRole(company.id, member.id, role),
    onSuccess: done,
    onError: failed,
  });
  const remove = useMutation({ mutationFn: () => api.removeMember(company.id, member.id), onSuccess: done, onError: failed });
  if (!atLeast(own, "admin") || !atLeast(own, member.role)) return <span className="tag">{roleName(member.role)}</span>;
  return (
    <Menu
      align="end"
      trigger={
        <button
          type="button"
          className="btn"
          aria-label={`Role of ${member.name}: ${member.role}`}
          aria-busy={setRole.isPending || remove.isPending}
        >
          {roleName(member.role)}
          <Icon name="down" className="dim" />
        </button>
      }
      entries={[
        { kind: "head", id: "head", text: `Role of ${member.name}` },
        ...grantable(own).map(
          (role): MenuEntry => ({
            kind: "action",
            id: role,
            label: roleName(role),
            hint: roleWords(role),
            checked: member.role === role,
            onSelect: () => setRole.mutate(role),
          }),
        ),
        { kind: "line", id: "line" },
        {
          kind: "action",
          id: "remove",
          icon: "x",
          label: "Remove from the company",
          danger: true,
          disabledBecause: isMe ? "not yourself" : undefined,
          onSelect: () => remove.mutate(),
        },
      ]}
    />
  );
}
