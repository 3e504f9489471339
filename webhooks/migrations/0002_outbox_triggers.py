"""The triggers of the outbox, on tables of the apps below.

They hang on these tables and are this app's: those apps do not know of them. Each asks first
whether an active endpoint wants its type, so a site without webhooks pays a function call and a
look at an empty table for a row (`benchmarks/webhook_triggers.py`). Columns are named in WHEN
clauses where that can be, so that one that goes is refused by the database when it is dropped, and
not by each write afterwards.

An ON CONFLICT here never waits: a row of the same transaction alone can be in its way.
"""

from django.db import migrations

# What a partner sees of a product: not the search vector, and not when it was saved. What happened
# to it in a transaction is told once, by the strongest word.
PRODUCT_CHANGED = """
CREATE FUNCTION webhooks_product_changed() RETURNS trigger LANGUAGE plpgsql AS $function$
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
        'former_sku', CASE WHEN OLD.sku <> NEW.sku THEN OLD.sku END))
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
            COALESCE(event.subject->>'former_sku', EXCLUDED.subject->>'former_sku'));
    RETURN NULL;
END
$function$;
CREATE TRIGGER webhooks_product_added
    AFTER INSERT ON products_product FOR EACH ROW
    EXECUTE FUNCTION webhooks_product_changed();
CREATE TRIGGER webhooks_product_changed
    AFTER UPDATE ON products_product FOR EACH ROW
    WHEN ((OLD.sku, OLD.name, OLD.brand, OLD.category_id,
        OLD.description, OLD.attributes, OLD.barcode, OLD.price, OLD.is_active, OLD.merged_into_id)
        IS DISTINCT FROM (NEW.sku, NEW.name, NEW.brand, NEW.category_id,
        NEW.description, NEW.attributes, NEW.barcode, NEW.price, NEW.is_active, NEW.merged_into_id))
    EXECUTE FUNCTION webhooks_product_changed();
CREATE TRIGGER webhooks_product_deleted
    AFTER DELETE ON products_product FOR EACH ROW
    EXECUTE FUNCTION webhooks_product_changed();
"""
PRODUCT_CHANGED_BACK = """
DROP TRIGGER webhooks_product_added ON products_product;
DROP TRIGGER webhooks_product_changed ON products_product;
DROP TRIGGER webhooks_product_deleted ON products_product;
DROP FUNCTION webhooks_product_changed();
"""

# A photo that goes from one product to another concerns both.
PHOTOS_CHANGED = """
CREATE FUNCTION webhooks_photos_changed() RETURNS trigger LANGUAGE plpgsql AS $function$
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
            COALESCE(event.subject->>'former_sku', EXCLUDED.subject->>'former_sku'));
    RETURN NULL;
END
$function$;
CREATE TRIGGER webhooks_photo_added
    AFTER INSERT ON products_productimage FOR EACH ROW
    EXECUTE FUNCTION webhooks_photos_changed();
CREATE TRIGGER webhooks_photo_changed
    AFTER UPDATE ON products_productimage FOR EACH ROW
    WHEN ((OLD.product_id, OLD.position, OLD.digest)
        IS DISTINCT FROM (NEW.product_id, NEW.position, NEW.digest))
    EXECUTE FUNCTION webhooks_photos_changed();
CREATE TRIGGER webhooks_photo_deleted
    AFTER DELETE ON products_productimage FOR EACH ROW
    EXECUTE FUNCTION webhooks_photos_changed();
"""
PHOTOS_CHANGED_BACK = """
DROP TRIGGER webhooks_photo_added ON products_productimage;
DROP TRIGGER webhooks_photo_changed ON products_productimage;
DROP TRIGGER webhooks_photo_deleted ON products_productimage;
DROP FUNCTION webhooks_photos_changed();
"""

# Only what the active encoder sees can be found; filling another one concerns nobody.
PHOTO_RECORDED = """
CREATE FUNCTION webhooks_photo_recorded() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM webhooks_webhookendpoint WHERE is_active AND 'photo.' || NEW.state = ANY (events))
        AND EXISTS (
            SELECT FROM recognition_encoder WHERE id = NEW.encoder_id AND state = 'active')
    THEN
        INSERT INTO webhooks_webhookevent (type, subject_id, subject)
        VALUES ('photo.' || NEW.state, NEW.id,
            jsonb_build_object('photo', NEW.image_id, 'reason', left(NEW.reason, 500)))
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$function$;
CREATE TRIGGER webhooks_photo_recorded
    AFTER UPDATE ON recognition_imageembedding FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NEW.state <> 'pending')
    EXECUTE FUNCTION webhooks_photo_recorded();
CREATE TRIGGER webhooks_photo_recorded_at_once
    AFTER INSERT ON recognition_imageembedding FOR EACH ROW
    WHEN (NEW.state <> 'pending')
    EXECUTE FUNCTION webhooks_photo_recorded();
"""
PHOTO_RECORDED_BACK = """
DROP TRIGGER webhooks_photo_recorded ON recognition_imageembedding;
DROP TRIGGER webhooks_photo_recorded_at_once ON recognition_imageembedding;
DROP FUNCTION webhooks_photo_recorded();
"""

STOCK_CHANGED = """
CREATE FUNCTION webhooks_stock_changed() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM webhooks_webhookendpoint WHERE is_active AND 'stock.changed' = ANY (events)) THEN
        INSERT INTO webhooks_webhookevent (type, subject_id, subject)
        VALUES ('stock.changed', NEW.id, '{}') ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$function$;
CREATE TRIGGER webhooks_stock_changed
    AFTER INSERT ON stores_stockmovement FOR EACH ROW
    EXECUTE FUNCTION webhooks_stock_changed();
"""
STOCK_CHANGED_BACK = """
DROP TRIGGER webhooks_stock_changed ON stores_stockmovement;
DROP FUNCTION webhooks_stock_changed();
"""

# The flag is set once for a crossing; see stores.low_stock.
STOCK_LOW = """
CREATE FUNCTION webhooks_stock_low() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM webhooks_webhookendpoint WHERE is_active AND 'stock.low' = ANY (events)) THEN
        INSERT INTO webhooks_webhookevent (type, subject_id, subject)
        VALUES ('stock.low', NEW.id, jsonb_build_object(
            'store', NEW.store_id, 'product', NEW.product_id,
            'level', NEW.quantity, 'reorder_point', NEW.reorder_point))
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$function$;
CREATE TRIGGER webhooks_stock_low
    AFTER UPDATE ON stores_stocklevel FOR EACH ROW
    WHEN (OLD.low_since IS NULL AND NEW.low_since IS NOT NULL)
    EXECUTE FUNCTION webhooks_stock_low();
"""
STOCK_LOW_BACK = """
DROP TRIGGER webhooks_stock_low ON stores_stocklevel;
DROP FUNCTION webhooks_stock_low();
"""

RECOGNISED = """
CREATE FUNCTION webhooks_recognised() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM webhooks_webhookendpoint WHERE is_active AND 'recognised' = ANY (events)) THEN
        INSERT INTO webhooks_webhookevent (type, subject_id, subject)
        VALUES ('recognised', NEW.id, '{}') ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$function$;
CREATE TRIGGER webhooks_recognised
    AFTER INSERT ON recognition_sighting FOR EACH ROW
    EXECUTE FUNCTION webhooks_recognised();
"""
RECOGNISED_BACK = """
DROP TRIGGER webhooks_recognised ON recognition_sighting;
DROP FUNCTION webhooks_recognised();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0004_import_runs"),
        ("stores", "0003_lines_say_what_they_replace"),
        ("recognition", "0010_encoder_switch"),
        ("webhooks", "0001_endpoints_events_and_deliveries"),
    ]

    operations = [
        migrations.RunSQL(PRODUCT_CHANGED, reverse_sql=PRODUCT_CHANGED_BACK),
        migrations.RunSQL(PHOTOS_CHANGED, reverse_sql=PHOTOS_CHANGED_BACK),
        migrations.RunSQL(PHOTO_RECORDED, reverse_sql=PHOTO_RECORDED_BACK),
        migrations.RunSQL(STOCK_CHANGED, reverse_sql=STOCK_CHANGED_BACK),
        migrations.RunSQL(STOCK_LOW, reverse_sql=STOCK_LOW_BACK),
        migrations.RunSQL(RECOGNISED, reverse_sql=RECOGNISED_BACK),
    ]
