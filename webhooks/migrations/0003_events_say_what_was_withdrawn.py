"""An event of a product also says whether the product went inactive by it: whoever sees active
products alone is told so, and nothing of those that were inactive before.
"""

from django.db import migrations

# As in 0002, but for what stands in angle brackets.
_PRODUCT_CHANGED = """
CREATE OR REPLACE FUNCTION webhooks_product_changed() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM webhooks_webhookendpoint
        WHERE is_active AND 'product.changed' = ANY (events))
    THEN
        RETURN NULL;
    END IF;
    INSERT INTO webhooks_webhookevent AS event (type, subject_id, subject)
    VALUES ('product.changed', COALESCE(NEW.id, OLD.id), jsonb_build_object(
        'change', CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'DELETE' THEN 'deleted'
            ELSE 'updated' END,
        'sku', COALESCE(NEW.sku, OLD.sku),
        'former_sku', CASE WHEN OLD.sku <> NEW.sku THEN OLD.sku END)<withdrawn>)
    ON CONFLICT (type, subject_id, transaction) WHERE expanded_at IS NULL
    DO UPDATE SET subject = jsonb_build_object(
        'change', CASE
            WHEN 'deleted' IN (event.subject->>'change', EXCLUDED.subject->>'change')
                THEN 'deleted'
            WHEN 'created' IN (event.subject->>'change', EXCLUDED.subject->>'change')
                THEN 'created'
            WHEN 'updated' IN (event.subject->>'change', EXCLUDED.subject->>'change')
                THEN 'updated'
            ELSE 'photos' END,
        'sku', EXCLUDED.subject->>'sku',
        'former_sku',
            COALESCE(event.subject->>'former_sku', EXCLUDED.subject->>'former_sku'))<kept>;
    RETURN NULL;
END
$function$;
"""
_PHOTOS_CHANGED = """
CREATE OR REPLACE FUNCTION webhooks_photos_changed() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM webhooks_webhookendpoint
        WHERE is_active AND 'product.changed' = ANY (events))
    THEN
        RETURN NULL;
    END IF;
    INSERT INTO webhooks_webhookevent AS event (type, subject_id, subject)
    SELECT 'product.changed', id,
        jsonb_build_object('change', 'photos', 'sku', sku, 'former_sku', NULL)
    FROM products_product WHERE id IN (OLD.product_id, NEW.product_id)
    ORDER BY id
    ON CONFLICT (type, subject_id, transaction) WHERE expanded_at IS NULL
    DO UPDATE SET subject = jsonb_build_object(
        'change', CASE
            WHEN 'deleted' IN (event.subject->>'change', EXCLUDED.subject->>'change')
                THEN 'deleted'
            WHEN 'created' IN (event.subject->>'change', EXCLUDED.subject->>'change')
                THEN 'created'
            WHEN 'updated' IN (event.subject->>'change', EXCLUDED.subject->>'change')
                THEN 'updated'
            ELSE 'photos' END,
        'sku', EXCLUDED.subject->>'sku',
        'former_sku',
            COALESCE(event.subject->>'former_sku', EXCLUDED.subject->>'former_sku'))<kept>;
    RETURN NULL;
END
$function$;
"""
# `withdrawn` is there where it is true. Whatever else happens in the transaction leaves it.
_WITHDRAWN = """ || CASE
            WHEN TG_OP = 'UPDATE' AND OLD.is_active AND NOT NEW.is_active
                THEN '{"withdrawn": true}'::jsonb
            ELSE '{}'::jsonb END"""
_KEPT = """ || CASE
            WHEN event.subject ? 'withdrawn' OR EXCLUDED.subject ? 'withdrawn'
                THEN '{"withdrawn": true}'::jsonb
            ELSE '{}'::jsonb END"""


def _text(template: str, withdrawn: str, kept: str) -> str:
    return template.replace("<withdrawn>", withdrawn).replace("<kept>", kept)


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0002_outbox_triggers")]

    operations = [
        migrations.RunSQL(
            _text(template, _WITHDRAWN, _KEPT), reverse_sql=_text(template, "", "")
        )
        for template in (_PRODUCT_CHANGED, _PHOTOS_CHANGED)
    ]
