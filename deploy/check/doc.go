// Check judges the CloudFormation template of deploy/ without a network and
// without an account.
//
//	go run . [-template FILE] [-readme FILE] [-source DIR] [-terraform FILE [-write]]
//
// In go the template, the README beside it and the source of the program. Out
// comes one line for each finding, `file:line: what is wrong: what to do`, and
// exit code 1 when there is any. What it looks at:
//
//   - shape: only resource types, properties and values that the table in
//     types.go knows, and everything that is required;
//   - references: each Ref, GetAtt, Sub, condition and DependsOn leads
//     somewhere, none in a circle, and nothing is declared in vain;
//   - rules: what must hold between resources, such as the visibility timeout
//     of the queue against the timeout of the function, or which keys wake it;
//   - rights: the role is resolved with the parameters of several deployments,
//     and every call that the code makes is tried against it. Each must be
//     allowed by one statement, the one that the README names; calls that the
//     code does not make must be allowed by none.
//
// It is no replacement for AWS's own validator, which knows all types; this
// program knows what this template must be. It is a module by itself, because
// the product reads YAML in one package only.
package main
