from . import (
    ir_actions_report,
    ir_attachment,
    mail_message,
    order_policy,
    order_policy_portal_act_mixin,
    payment_transaction,
    sale_order,
    sale_order_confirmation,
    sale_order_confirmation_ahead,
    sale_order_confirmation_recording,
    sale_order_letting_out,
    sale_order_recording,
)
