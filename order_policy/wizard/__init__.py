from . import (
    base_partner_merge,
    order_policy_adopt,
    order_policy_exempt,
    sale_mass_cancel_orders,
    sale_order_confirmation_record,
    sale_order_confirmation_record_change,
    sale_order_dossier_export,
    sale_order_question_answer,
    sale_order_refuse,
    sale_order_resubmit,
    sale_order_review_ask,
    sale_order_review_decide,
)
