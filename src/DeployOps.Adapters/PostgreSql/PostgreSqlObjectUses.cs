using DeployOps.Migrations.Lint;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// What uses an object, by the dependencies that the server keeps (<c>pg_depend</c>; PostgreSQL's manual, Dependency Tracking): views, keys, policies, triggers, generated columns and functions whose body it
/// has read. Of functions whose body is a text it keeps none: those that name the object are told as what breaks.
/// </summary>
internal static class PostgreSqlObjectUses
{
    private const string Asked = """
        asked AS (
            SELECT a.number, a.kind, a.manner, a.part, o.classid, o.objid, o.objsubid
            FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) a(number, kind, name, part, manner, arguments)
            CROSS JOIN LATERAL (
                SELECT 'pg_class'::regclass::oid, CASE WHEN a.kind IN ('Relation', 'Column', 'Constraint') THEN to_regclass(a.name)::oid END) r(classid, relid)
            CROSS JOIN LATERAL (
                SELECT r.classid, r.relid, 0 WHERE a.kind = 'Relation'
                UNION ALL SELECT r.classid, r.relid, c.attnum FROM pg_attribute c WHERE a.kind = 'Column' AND c.attrelid = r.relid AND c.attname = a.part AND NOT c.attisdropped
                UNION ALL SELECT 'pg_constraint'::regclass, c.oid, 0 FROM pg_constraint c WHERE a.kind = 'Constraint' AND c.conrelid = r.relid AND c.conname = a.part
                UNION ALL SELECT 'pg_type'::regclass, CASE WHEN a.kind = 'Type' THEN to_regtype(a.name)::oid END, 0
                UNION ALL SELECT 'pg_proc'::regclass, CASE WHEN a.kind = 'Routine' AND a.arguments IS NULL THEN to_regproc(a.name)::oid END, 0
                UNION ALL SELECT 'pg_proc'::regclass, p.oid, 0
                FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace CROSS JOIN LATERAL parse_ident(CASE a.kind WHEN 'Routine' THEN a.name ELSE 'x' END) w
                WHERE a.kind = 'Routine' AND a.arguments IS NOT NULL AND p.proname = w[cardinality(w)] AND CASE WHEN cardinality(w) > 1 THEN n.nspname = w[cardinality(w) - 1] ELSE pg_function_is_visible(p.oid) END
                  AND p.proargtypes::text = (SELECT coalesce(string_agg(coalesce(to_regtype(t.type)::oid::text, '?'), ' ' ORDER BY t.place), '') FROM unnest(string_to_array(nullif(a.arguments, ''), chr(10))) WITH ORDINALITY t(type, place))
                UNION ALL SELECT 'pg_namespace'::regclass, CASE WHEN a.kind = 'Schema' THEN to_regnamespace(a.name)::oid END, 0
                UNION ALL SELECT 'pg_extension'::regclass, e.oid, 0 FROM pg_extension e WHERE a.kind = 'Extension' AND e.extname = a.part) o(classid, objid, objsubid)
            WHERE o.objid IS NOT NULL)
        """;

    // A routine that is named without its arguments is the only one of its name, or the server refuses the statement: to_regproc answers nothing then.
    // What a dependent is a part of by its nature, as a view's rule is of the view, is what goes. What depends otherwise than normally goes without a word, and refuses nothing.
    // Another type of a column is refused by what was made of the old one; keys, indexes and defaults are made anew.
    private const string Dependents = $"""
        WITH RECURSIVE {Asked},
        used(number, classid, objid, objsubid, silent, first, goes_on) AS (
            SELECT number, classid, objid, objsubid, true, true, manner = 'Dropped' FROM asked
            UNION
            SELECT u.number, coalesce(o.refclassid, d.classid), coalesce(o.refobjid, d.objid), coalesce(o.refobjsubid, d.objsubid), d.deptype <> 'n', false, u.goes_on
            FROM used u JOIN pg_depend d ON d.refclassid = u.classid AND d.refobjid = u.objid AND (u.objsubid = 0 OR d.refobjsubid = u.objsubid)
                 LEFT JOIN pg_depend o ON d.deptype <> 'i' AND o.classid = d.classid AND o.objid = d.objid AND o.objsubid = d.objsubid AND o.deptype = 'i'
            WHERE u.first OR u.goes_on)
        SELECT u.number, coalesce(CASE k.contype WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check constraint' WHEN 'u' THEN 'unique constraint' WHEN 'p' THEN 'primary key' END,
                                  CASE i.type WHEN 'table column' THEN 'column' WHEN 'default value' THEN 'default' ELSE i.type END),
               CASE WHEN i.type = 'default value' THEN substring(i.identity FROM 5) ELSE i.identity END, w.object_names, u.silent AND a.manner = 'Dropped'
        FROM (SELECT number, classid, objid, objsubid, bool_or(silent) AS silent FROM used WHERE NOT first GROUP BY 1, 2, 3, 4) u JOIN asked a ON a.number = u.number
             CROSS JOIN LATERAL pg_identify_object(u.classid, u.objid, u.objsubid) i CROSS JOIN LATERAL pg_identify_object_as_address(u.classid, u.objid, u.objsubid) w
             LEFT JOIN pg_constraint k ON u.classid = 'pg_constraint'::regclass AND k.oid = u.objid LEFT JOIN pg_class c ON u.classid = 'pg_class'::regclass AND c.oid = u.objid
             LEFT JOIN pg_index x ON x.indexrelid = c.oid
        WHERE i.identity IS NOT NULL AND NOT (u.classid = a.classid AND u.objid = a.objid AND a.objsubid IN (0, u.objsubid))
          AND CASE WHEN a.manner = 'Dropped' THEN NOT u.silent OR (a.kind = 'Column' AND (cardinality(k.conkey) > 1 OR (x.indnkeyatts > 1 AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = c.oid AND o.contype IN ('p', 'u', 'x')))))
                   ELSE u.classid IN ('pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass, 'pg_proc'::regclass, 'pg_publication_rel'::regclass) OR (c.relkind IN ('v', 'm') OR u.objsubid > 0) END
        ORDER BY 1, i.type, i.identity
        """;

    private const string Named = $"""
        WITH {Asked},
        named AS (
            SELECT a.number, a.kind, c.oid AS relid, CASE WHEN a.kind = 'Routine' THEN f.proname ELSE c.relname END::text AS name, a.part, f.oid AS routine
            FROM asked a LEFT JOIN pg_class c ON a.classid = 'pg_class'::regclass AND c.oid = a.objid LEFT JOIN pg_proc f ON a.classid = 'pg_proc'::regclass AND f.oid = a.objid
            WHERE a.kind IN ('Relation', 'Column', 'Routine') AND a.manner = 'Dropped'),
        words AS (SELECT *, '\y' || regexp_replace(name, '(\W)', '\\\1', 'g') || '\y' || CASE WHEN kind = 'Routine' THEN '\s*\(' ELSE '' END AS word, '\y' || regexp_replace(part, '(\W)', '\\\1', 'g') || '\y' AS part_word FROM named)
        SELECT w.number, CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, i.identity, ARRAY[n.nspname, p.proname]::text[]
        FROM words w JOIN pg_proc p ON p.prokind IN ('f', 'p') AND p.oid IS DISTINCT FROM w.routine JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
             CROSS JOIN LATERAL pg_identify_object('pg_proc'::regclass, p.oid, 0) i
        WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND l.lanname NOT IN ('c', 'internal')
          AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_proc'::regclass AND x.objid = p.oid AND x.deptype = 'e')
          AND CASE WHEN w.kind = 'Column' THEN p.prosrc ~* w.part_word AND (p.prosrc ~* w.word OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = w.relid AND t.tgfoid = p.oid))
                   ELSE p.prosrc ~* w.word END
        ORDER BY 1, 3
        """;

    /// <summary>What uses each of them; without those that are not there or that nothing uses.</summary>
    internal static async Task<IReadOnlyDictionary<LostObject, IReadOnlyList<ObjectUse>>> FindAsync(NpgsqlConnection connection, IReadOnlyList<LostObject> objects, CancellationToken token)
    {
        object[] values =
        [
            Enumerable.Range(0, objects.Count).ToArray(), objects.Select(one => $"{one.Kind}").ToArray(), objects.Select(one => one.Name.Written).ToArray(), objects.Select(one => one.Part ?? one.Name.Name).ToArray(),
            objects.Select(one => $"{one.Manner}").ToArray(), objects.Select(one => one.Arguments).ToArray(),
        ];
        var found = await connection.QueryAsync(
            Dependents, values, row => (Of: row.GetInt32(0), Use: new ObjectUse(row.GetString(1), row.GetString(2), row.GetFieldValue<string[]>(3), row.GetBoolean(4) ? UseManner.Goes : UseManner.Refuses)), token);
        found.AddRange(await connection.QueryAsync(
            Named, values, row => (Of: row.GetInt32(0), Use: new ObjectUse(row.GetString(1), row.GetString(2), row.GetFieldValue<string[]>(3), UseManner.Breaks)), token));
        return found.GroupBy(one => objects[one.Of]).ToDictionary(group => group.Key, group => (IReadOnlyList<ObjectUse>)[.. group.Select(one => one.Use)]);
    }
}
