using System.Globalization;
using System.Management.Automation.Language;
using System.Numerics;
using DeployOps.Plans.Syntax;

namespace DeployOps.Plans;

/// <summary>
/// Reads a plan with PowerShell's own parser and takes only data from its syntax tree: tables, lists, texts without variables,
/// numbers, <c>$true</c>, <c>$false</c> and <c>$null</c>. Nothing is run.
/// </summary>
public sealed class DataFileSyntax : IPlanSyntax
{
    private const string NeverRun = "a plan is data and is never run";

    /// <inheritdoc/>
    public PlanNode? Parse(string text, string path, ICollection<PlanError> errors)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(errors);
        if (DataFileScan.FindDanger(text) is { } danger)
        {
            errors.Add(new PlanError(path, danger.Position.Line, danger.Position.Column, "", danger.Message));
            return null;
        }

        var script = ScriptText.Parse(text, null, out var mistakes);

        // A key set twice leaves the tree whole: it is told with the other mistakes below.
        mistakes = Array.FindAll(mistakes, mistake => mistake.ErrorId != "DuplicateKeyInHashLiteral");
        foreach (var mistake in mistakes)
        {
            errors.Add(new PlanError(path, mistake.Extent.StartLineNumber, mistake.Extent.StartColumnNumber, "", mistake.Message.ReplaceLineEndings(" ")));
        }

        return mistakes.Length > 0 || script is null ? null : new Conversion(path, errors).Root(script);
    }

    private static PlanPosition At(Ast part) => new(part.Extent.StartLineNumber, part.Extent.StartColumnNumber);

    private static bool IsSame(Ast outer, Ast inner) => outer.Extent.StartOffset == inner.Extent.StartOffset && outer.Extent.EndOffset == inner.Extent.EndOffset;

    /// <summary>One walk over a syntax tree, whose depth <see cref="DataFileScan"/> has bounded.</summary>
    private sealed class Conversion(string path, ICollection<PlanError> errors)
    {
        public PlanNode? Root(ScriptBlockAst script)
        {
            if (script.ParamBlock is { } parameters)
            {
                return Refuse(parameters, "parameters are");
            }

            if (script.EndBlock is not { Unnamed: true } block || script.BeginBlock is not null || script.ProcessBlock is not null || script.DynamicParamBlock is not null)
            {
                return Refuse(script, "named blocks are");
            }

            if (block.Statements.Count == 0)
            {
                errors.Add(new PlanError(path, 1, 1, "", "the plan is empty: expected a table, @{ … }."));
                return null;
            }

            foreach (var extra in block.Statements.Skip(1))
            {
                errors.Add(new PlanError(path, extra.Extent.StartLineNumber, extra.Extent.StartColumnNumber, "", "expected nothing after the plan's table."));
            }

            return Statement(block.Statements[0]);
        }

        private PlanNode Statement(StatementAst statement)
        {
            // A redirection or a background sign has no node of its own, but the statement is longer than its expression.
            var isPlain = statement is PipelineAst { PipelineElements: [CommandExpressionAst { Redirections.Count: 0 } only] } && IsSame(statement, only.Expression);
            return isPlain
                ? Expression(((CommandExpressionAst)((PipelineAst)statement).PipelineElements[0]).Expression)
                : Refuse(statement, "commands are");
        }

        private PlanNode Expression(ExpressionAst expression) => expression switch
        {
            HashtableAst table => Table(table),
            ArrayExpressionAst list => new PlanList(At(list), [.. list.SubExpression.Statements.SelectMany(Spread)]),
            ArrayLiteralAst list => new PlanList(At(list), [.. list.Elements.Select(Expression)]),
            StringConstantExpressionAst { StringConstantType: not StringConstantType.BareWord } text => new PlanScalar(At(text), text.Value),
            ConstantExpressionAst constant and not StringConstantExpressionAst => Number(constant, negative: false),
            UnaryExpressionAst { TokenKind: TokenKind.Minus or TokenKind.Plus, Child: ConstantExpressionAst constant and not StringConstantExpressionAst } sign
                => Number(constant, sign.TokenKind == TokenKind.Minus),
            VariableExpressionAst variable => Variable(variable),
            ExpandableStringExpressionAst => Refuse(expression, "variables and expressions in a text are"),
            ParenExpressionAst or SubExpressionAst => Refuse(expression, "expressions in parentheses are"),
            ConvertExpressionAst or TypeExpressionAst => Refuse(expression, "types are"),
            ScriptBlockExpressionAst => Refuse(expression, "script blocks are"),
            InvokeMemberExpressionAst => Refuse(expression, "method calls are"),
            _ => Refuse(expression, "expressions are"),
        };

        /// <summary>The values a statement within <c>@( )</c> adds: those of a list one by one, as PowerShell does it.</summary>
        private IReadOnlyList<PlanNode> Spread(StatementAst statement)
            => Statement(statement) is var node && node is PlanList list ? list.Items : [node];

        private PlanTable Table(HashtableAst table)
        {
            var entries = new List<PlanEntry>();
            var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var (key, value) in table.KeyValuePairs)
            {
                if (key is not StringConstantExpressionAst name)
                {
                    Refuse(key, "keys that are no plain words are");
                    continue;
                }

                var node = Statement(value);
                if (seen.Add(name.Value))
                {
                    entries.Add(new PlanEntry(name.Value, At(key), node));
                }
                else
                {
                    errors.Add(new PlanError(path, At(key).Line, At(key).Column, "", $"the key '{PlanText.Shorten(name.Value)}' is already set in this table."));
                }
            }

            return new PlanTable(At(table), entries);
        }

        private PlanNode Number(ConstantExpressionAst constant, bool negative)
        {
            object? value = constant.Value switch
            {
                float or double or decimal when Convert.ToDouble(constant.Value, CultureInfo.InvariantCulture) is var fraction => negative ? -fraction : fraction,
                BigInteger => null,
                ulong big when big > long.MaxValue => null,
                IConvertible whole => negative ? -whole.ToInt64(CultureInfo.InvariantCulture) : whole.ToInt64(CultureInfo.InvariantCulture),
                _ => null,
            };
            return value is null ? Refuse(constant, "numbers of this size are") : new PlanScalar(At(constant), value);
        }

        private PlanNode Variable(VariableExpressionAst variable) => variable.VariablePath.UserPath.ToUpperInvariant() switch
        {
            "TRUE" when !variable.Splatted => new PlanScalar(At(variable), true),
            "FALSE" when !variable.Splatted => new PlanScalar(At(variable), false),
            "NULL" when !variable.Splatted => new PlanScalar(At(variable), null),
            _ => Refuse(variable, "variables are"),
        };

        private PlanRefused Refuse(Ast part, string what)
        {
            errors.Add(new PlanError(path, part.Extent.StartLineNumber, part.Extent.StartColumnNumber, "", $"{what} not allowed: {NeverRun}."));
            return new PlanRefused(At(part));
        }
    }
}
