def migrate(cr, version):
    """Orders keep who reads them for a department: who did so before reads the same orders now."""
    cr.execute(
        """
        WITH concerned AS (
            SELECT order_id, department_id, TRUE AS is_left
              FROM sale_order_change
             WHERE state IN ('draft', 'submitted', 'approved')
             UNION ALL
            SELECT change.order_id, notice.department_id, notice.acknowledged_by_id IS NULL
              FROM sale_order_change_notice notice
              JOIN sale_order_change change ON change.id = notice.change_id
        ), by_department AS (
            SELECT order_id, 'department,' || department_id AS reader, bool_or(is_left) AS is_left
              FROM concerned
             WHERE department_id IS NOT NULL
          GROUP BY order_id, department_id
        ), by_order AS (
            SELECT order_id, jsonb_object_agg(reader, is_left) AS readers
              FROM by_department
          GROUP BY order_id
        )
        UPDATE sale_order
           SET policy_change_readers = by_order.readers
          FROM by_order
         WHERE sale_order.id = by_order.order_id
           AND sale_order.policy_change_readers IS DISTINCT FROM by_order.readers
        """
    )
    cr.execute(
        """
        WITH asked AS (
            SELECT review.*, review.state IN ('waiting', 'pending')
                          OR COALESCE(change.state IN ('submitted', 'approved'), FALSE) AS is_left
              FROM sale_order_review review
         LEFT JOIN sale_order_change change ON change.id = review.change_id
             WHERE review.state != 'not_required'
        ), concerned AS (
            SELECT order_id, 'department,' || department_id AS reader, is_left
              FROM asked
             UNION ALL
            SELECT order_id, 'office,' || company_id, is_left
              FROM asked
             WHERE way_out = 'management'
             UNION ALL
            SELECT asked.order_id, 'office,' || asked.company_id || ',' || told.res_users_id, asked.is_left
              FROM asked
              JOIN sale_order_review_escalated_to_rel told ON told.sale_order_review_id = asked.id
             WHERE asked.escalation IS NOT NULL
             UNION ALL
            SELECT sale_order.id, for_request.key, for_request.value::boolean
              FROM sale_order,
                   jsonb_each_text(sale_order.policy_change_readers) for_request
        ), by_order AS (
            SELECT concerned.order_id, jsonb_agg(DISTINCT concerned.reader) AS readers
              FROM concerned
              JOIN sale_order ON sale_order.id = concerned.order_id
         LEFT JOIN order_policy policy ON policy.id = sale_order.policy_id
         LEFT JOIN sale_order_dossier dossier ON dossier.id = sale_order.dossier_id
             WHERE concerned.is_left
                OR sale_order.policy_stage IN ('intake', 'rejected', 'review', 'approval', 'confirmation')
                OR policy.departments_read = 'always'
                OR policy.departments_read = 'done' AND COALESCE(dossier.state = 'open', TRUE)
          GROUP BY concerned.order_id
        )
        UPDATE sale_order
           SET policy_readers = by_order.readers
          FROM by_order
         WHERE sale_order.id = by_order.order_id
           AND sale_order.policy_readers IS DISTINCT FROM by_order.readers
        """
    )
