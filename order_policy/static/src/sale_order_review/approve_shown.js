import { registry } from "@web/core/registry";

/**
 * Approve reviews with one click, as the page shows them: the fingerprint of what is shown goes along, and what
 * changed meanwhile is refused. The server says what comes next: a short note, or the dialog that asks for a comment.
 */
async function approveShown(env, action) {
    const { default_review_ids: ids, default_seen_digest: digest } = action.context;
    const digests = Object.fromEntries(ids.map((id) => [id, digest]));
    return env.services.orm.call("sale.order.review", "action_approve_shown", [ids], { digests });
}

registry.category("actions").add("order_policy_approve_shown", approveShown);
