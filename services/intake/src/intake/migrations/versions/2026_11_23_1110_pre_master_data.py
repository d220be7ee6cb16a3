"""Customers, products, what was shipped, catalogues; samples, further defects, and what of old codes is put right."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_PRODUCTS = """
    CREATE TABLE product_families (
      product_family text NOT NULL, label_zh text, label_en text, launched_on date, discontinued_on date,
      family_key text NOT NULL, version integer NOT NULL, updated_at timestamptz NOT NULL,
      updated_by text NOT NULL, PRIMARY KEY (product_family));
    CREATE TABLE product_models (
      product_family text NOT NULL, product_model text NOT NULL, label_zh text, label_en text,
      launched_on date, discontinued_on date, version integer NOT NULL, updated_at timestamptz NOT NULL,
      updated_by text NOT NULL, PRIMARY KEY (product_family, product_model));
    CREATE TABLE product_lots (
      product_family text NOT NULL, lot text NOT NULL, product_model text, produced_on date, plant text,
      quantity_made bigint, lot_key text NOT NULL, version integer NOT NULL, updated_at timestamptz NOT NULL,
      updated_by text NOT NULL, PRIMARY KEY (product_family, lot));
    CREATE INDEX product_lots_lot_key ON product_lots (lot_key);
    CREATE INDEX product_lots_product_family_plant_produced_on ON product_lots (product_family, plant, produced_on);
    CREATE INDEX product_lots_product_family_product_model ON product_lots (product_family, product_model);
    CREATE TABLE product_serials (
      product_family text NOT NULL, serial text NOT NULL, product_model text, lot text, production_month date,
      shipped_on date, serial_key text NOT NULL, version integer NOT NULL, updated_at timestamptz NOT NULL,
      updated_by text NOT NULL, PRIMARY KEY (product_family, serial));
    CREATE INDEX product_serials_product_family_lot ON product_serials (product_family, lot);
    CREATE INDEX product_serials_serial_key ON product_serials (serial_key);
    CREATE TABLE shipments (
      month date NOT NULL, product_family text NOT NULL, product_model text NOT NULL, lot text NOT NULL,
      region text NOT NULL, movement text NOT NULL CHECK (movement IN ('shipped', 'returned', 'scrapped')),
      quantity bigint NOT NULL, production_month date, lot_key text NOT NULL, version integer NOT NULL,
      updated_at timestamptz NOT NULL, updated_by text NOT NULL,
      PRIMARY KEY (month, product_family, product_model, lot, region, movement));
    CREATE INDEX shipments_lot_key ON shipments (lot_key);
    CREATE INDEX shipments_product_family_product_model ON shipments (product_family, product_model);
"""
_CODES = """
    CREATE TABLE aliases (
      field text NOT NULL CHECK (field IN ('product_family', 'product_model', 'defect_code', 'failure_location')),
      spelling text NOT NULL, code text NOT NULL, spelling_key text NOT NULL, version integer NOT NULL,
      updated_at timestamptz NOT NULL, updated_by text NOT NULL, PRIMARY KEY (field, spelling_key));
    CREATE TABLE code_groups (
      code_group text NOT NULL, field text NOT NULL CHECK (field IN ('defect_code', 'failure_location')),
      label_zh text, label_en text, product_family text, version integer NOT NULL,
      updated_at timestamptz NOT NULL, updated_by text NOT NULL, PRIMARY KEY (code_group));
    CREATE TABLE codes (
      code_group text NOT NULL, code text NOT NULL, label_zh text, label_en text, parent text,
      catch_all boolean NOT NULL, valid_from date, valid_until date, retired boolean NOT NULL,
      version integer NOT NULL, updated_at timestamptz NOT NULL, updated_by text NOT NULL,
      PRIMARY KEY (code_group, code));
    CREATE INDEX codes_code ON codes (code);
"""
_CUSTOMERS = """
    CREATE TABLE customer_accounts (
      customer_ref text NOT NULL, name bytea, language text CHECK (language IN ('zh', 'en')),
      key_account boolean NOT NULL, tier text, region text, closed_on date, version integer NOT NULL,
      updated_at timestamptz NOT NULL, updated_by text NOT NULL, PRIMARY KEY (customer_ref));
    CREATE TABLE account_contacts (
      customer_ref text NOT NULL, contact text NOT NULL, name bytea, function text, email bytea, phone bytea,
      language text CHECK (language IN ('zh', 'en')), left_on date, version integer NOT NULL,
      updated_at timestamptz NOT NULL, updated_by text NOT NULL, PRIMARY KEY (customer_ref, contact));
    CREATE TABLE consents (
      customer_ref text NOT NULL, purpose text NOT NULL, at timestamptz NOT NULL, given boolean NOT NULL,
      source text NOT NULL, version integer NOT NULL, updated_at timestamptz NOT NULL,
      updated_by text NOT NULL, PRIMARY KEY (customer_ref, purpose, at));
"""
_WORK = """
    CREATE TABLE master_data_state (
      one boolean NOT NULL CHECK (one), version bigint NOT NULL, PRIMARY KEY (one));
    CREATE TABLE complaint_defects (
      complaint_id uuid NOT NULL, n integer NOT NULL, defect_code text NOT NULL, failure_location text,
      quantity integer, PRIMARY KEY (complaint_id, n));
    CREATE TABLE code_fixes (
      fix_id uuid NOT NULL,
      field text NOT NULL CHECK (field IN ('product_family', 'product_model', 'defect_code', 'failure_location')),
      spelling text NOT NULL, code text NOT NULL, reason text NOT NULL, asked_by text NOT NULL,
      asked_at timestamptz NOT NULL, fixed integer NOT NULL, failed integer NOT NULL, after uuid,
      done_at timestamptz, PRIMARY KEY (fix_id));
    CREATE INDEX code_fixes_waiting ON code_fixes (asked_at) WHERE done_at IS NULL;
    CREATE TABLE samples (
      sample_id uuid NOT NULL, complaint_id uuid NOT NULL, version integer NOT NULL,
      state text NOT NULL CHECK (state IN ('asked', 'sent', 'received', 'at_lab', 'concluded', 'withdrawn')),
      quantity integer NOT NULL, serials text[] NOT NULL, note text NOT NULL, location text NOT NULL,
      tracking text NOT NULL, due timestamptz NOT NULL, asked_at timestamptz, sent_at timestamptz,
      received_at timestamptz, at_lab_at timestamptz, concluded_at timestamptz, withdrawn_at timestamptz,
      asked_by text NOT NULL, sent_by text NOT NULL, received_by text NOT NULL, at_lab_by text NOT NULL,
      concluded_by text NOT NULL, withdrawn_by text NOT NULL,
      result text NOT NULL CHECK (result IN ('', 'confirmed', 'no_trouble_found', 'other_defect', 'misuse',
        'transport_damage', 'not_ours', 'not_testable')),
      finding text NOT NULL, protocol jsonb NOT NULL, reason text NOT NULL, PRIMARY KEY (sample_id),
      FOREIGN KEY (complaint_id) REFERENCES complaints (complaint_id));
    CREATE INDEX samples_complaint ON samples (complaint_id);
    CREATE INDEX samples_state ON samples (state, due, sample_id);
"""
_COMPLAINTS = """
    CREATE INDEX complaints_by_model ON complaints (product_model, t_registered, complaint_id)
      WHERE product_model IS NOT NULL;
    CREATE INDEX complaints_by_serial ON complaints (serial) WHERE serial IS NOT NULL;
"""


def upgrade() -> None:
    for group in (_PRODUCTS, _CODES, _CUSTOMERS, _WORK, _COMPLAINTS):
        for statement in filter(str.strip, group.split(";\n")):
            op.execute(statement)
    op.execute("INSERT INTO master_data_state (one, version) VALUES (true, 0)")
