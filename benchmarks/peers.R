# Rscript peers.R nnet|VGAM FOLDER n k J
# Reads X.bin (column by column) and y.bin (codes from 0) in FOLDER, fits, and writes out.bin:
# CPU and wall seconds, coefficients, standard errors, outcome by outcome.
arguments <- commandArgs(trailingOnly = TRUE)
package <- arguments[1]
folder <- arguments[2]
n <- as.integer(arguments[3])
k <- as.integer(arguments[4])
J <- as.integer(arguments[5])
X <- matrix(readBin(file.path(folder, "X.bin"), "double", n * k), n, k)
y <- factor(readBin(file.path(folder, "y.bin"), "integer", n), levels = 0:(J - 1))
suppressPackageStartupMessages(library(package, character.only = TRUE))

if (package == "nnet") {
  clock <- system.time({
    fit <- multinom(y ~ X - 1, Hess = TRUE, trace = FALSE, maxit = 10000, reltol = 1e-15,
                    abstol = 0, MaxNWts = 1e6)
    se <- sqrt(diag(solve(fit$Hessian)))
  })
  params <- as.vector(t(matrix(coef(fit), nrow = J - 1)))
} else {
  clock <- system.time({
    fit <- vglm(y ~ X - 1, multinomial(refLevel = 1), epsilon = 1e-12, maxit = 100)
    se <- sqrt(diag(vcov(fit)))
  })
  # VGAM orders term by term
  by_term <- function(values) as.vector(t(matrix(values, nrow = J - 1)))
  params <- by_term(coef(fit))
  se <- by_term(se)
}
cpu <- sum(clock[c("user.self", "sys.self")])
writeBin(as.double(c(cpu, clock[["elapsed"]], params, se)), file.path(folder, "out.bin"))
