namespace DeployOps.Migrations.Lint;

/// <summary>What a statement takes away or changes.</summary>
public enum LostKind
{
    /// <summary>A table, a view, a sequence or an index.</summary>
    Relation,

    /// <summary>A column of a table.</summary>
    Column,

    /// <summary>A constraint of a table.</summary>
    Constraint,

    /// <summary>A type or a domain.</summary>
    Type,

    /// <summary>A function, a procedure or an aggregate.</summary>
    Routine,

    /// <summary>A schema with what is in it.</summary>
    Schema,

    /// <summary>An extension.</summary>
    Extension,
}
